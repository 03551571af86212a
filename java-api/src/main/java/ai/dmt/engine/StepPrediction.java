package ai.dmt.engine;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.Interconnect;

/**
 * What a step of a simulated rank would take among real ones, in seconds. Gathers and reductions
 * are taken to follow each other, hidden behind computation but for the first gather and the last
 * reduction; waits for slower ranks are not counted.
 *
 * @param seconds of the step
 * @param computation of these; as measured
 * @param slowDown of these; matrix products lose speed while collectives run beside them
 * @param exposed of these; nothing is left to compute beside the collectives
 * @param communication all collectives, hidden or not
 */
public record StepPrediction(
    double seconds, double computation, double slowDown, double exposed, double communication) {
  /**
   * Predicts a step over NVLink, with bandwidths that were published for eight H200 (see {@code
   * dmt::Interconnect} of dmt/engine.h).
   *
   * @param config of a simulated rank, with full or grad_op sharding
   * @param step what one step of it took
   * @param microBatches of that step
   */
  public static StepPrediction overNvLink(
      ModelConfig model, EngineConfig config, WorkSeconds step, int microBatches) {
    NativeRuntime.load();
    return NativeCall.get(
        () -> {
          var measured =
              new ai.dmt.bindings.WorkSeconds()
                  .products(step.products())
                  .attention(step.attention())
                  .element_wise(step.elementWise())
                  .loss(step.loss())
                  .optimizer(step.optimizer())
                  .communication(step.communication())
                  .total(step.total());
          var p =
              DmtEngine.predict_step(
                  NativeConfigs.of(model),
                  NativeConfigs.of(config),
                  measured,
                  microBatches,
                  new Interconnect());
          return new StepPrediction(
              p.seconds(), p.computation(), p.slow_down(), p.exposed(), p.communication());
        });
  }
}
