package ai.dmt.engine;

/**
 * What a step would take among other ranks, in seconds.
 *
 * @param seconds of the step
 * @param computation of these; as measured
 * @param slowDown of these; matrix products lose speed while collectives run beside them
 * @param exposed of these; nothing is left to compute beside the collectives
 * @param communication all collectives, hidden or not
 * @param bytes that reach this rank in all collectives of the step
 */
public record StepPrediction(
    double seconds,
    double computation,
    double slowDown,
    double exposed,
    double communication,
    double bytes) {
  /**
   * Predicts the step of a rank from what it computes, as {@code predict_step} of dmt/engine.h
   * does. Gathers and reductions are taken to follow each other, and to be hidden behind forward
   * and backward but for the first gathers, the last reductions, and all that are made once per
   * step; an all-to-all to be as fast as a reduce-scatter. Waits for slower ranks are not counted.
   *
   * @param model shape of the model
   * @param config of the rank, with all ranks; simulated ones will do
   * @param step what one step of it takes; its communication is not read
   * @param microBatches of that step, from 1
   * @param interconnect between the ranks
   * @return seconds of a step among them
   */
  public static StepPrediction of(
      ModelConfig model,
      EngineConfig config,
      WorkSeconds step,
      int microBatches,
      Interconnect interconnect) {
    RankTraffic traffic = new RankTraffic(model, config);
    RankTraffic.Collective gathers = traffic.gathers(microBatches);
    RankTraffic.Collective reductions = traffic.reductions(microBatches);
    double replicas = traffic.replicas() / interconnect.allReduce();
    double bytes = gathers.bytes() + reductions.bytes() + traffic.replicas();
    double communication =
        replicas
            + gathers.bytes() / interconnect.allGather()
            + reductions.bytes() / interconnect.reduceScatter();
    double neverHidden =
        replicas
            + gathers.neverHidden() / interconnect.allGather()
            + reductions.neverHidden() / interconnect.reduceScatter();
    double toHide = communication - neverHidden;
    double computation = step.total() - step.communication();
    double passes = Math.max(0, computation - step.optimizer());
    // While a collective runs beside them, the passes take so many times as long.
    double productsShare = passes > 0 ? Math.min(1, step.products() / passes) : 0;
    double lost = interconnect.productSpeedLost();
    double stretch = 1 + productsShare * lost / (1 - lost);
    double slowDown = Math.min(toHide * (1 - 1 / stretch), passes * (stretch - 1));
    double exposed = neverHidden + Math.max(0, toHide - passes - slowDown);
    return new StepPrediction(
        computation + slowDown + exposed, computation, slowDown, exposed, communication, bytes);
  }
}
