package ai.dmt.independence;

import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.evaluation.SampleLoss;
import ai.dmt.evaluation.SampleLossMeter;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.model.Model;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures held-out losses alone. */
public final class HeldOutMeter implements AbilityMeter {
  private final HeldOutData heldOut;
  private final EngineConfig config;

  /**
   * Makes a meter.
   *
   * @param heldOut samples by ability
   * @param config how a model computes; its sources are the meter's own
   */
  public HeldOutMeter(HeldOutData heldOut, EngineConfig config) {
    this.heldOut = heldOut;
    this.config = config.withSources(SampleLossMeter.sources());
  }

  @Override
  public Map<String, PooledMean> losses(Path model) {
    Map<String, PooledMean> losses = new LinkedHashMap<>();
    try (Model opened = Model.open(model, config)) {
      heldOut
          .measure(opened)
          .sources()
          .forEach((ability, samples) -> losses.put(ability, mean(samples)));
    }
    return losses;
  }

  private static PooledMean mean(List<SampleLoss> samples) {
    return new PooledMean(
        samples.stream().mapToDouble(SampleLoss::lossSum).toArray(),
        samples.stream().mapToDouble(SampleLoss::labelTokens).toArray());
  }

  @Override
  public List<AbilityScore> scores(Path model) {
    return List.of();
  }
}
