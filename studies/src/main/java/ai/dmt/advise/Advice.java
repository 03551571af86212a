package ai.dmt.advise;

import ai.dmt.internal.records.RecordCopy;
import java.util.List;
import java.util.Optional;

/**
 * How to mix data, from small runs.
 *
 * @param space the candidates
 * @param facts of its sources
 * @param objective what was asked for
 * @param runs that were trained for it
 * @param forecasts what they say of all candidates
 * @param recommended the mixture that is advised
 * @param alternatives the next best ones, then all rows as they are and the paper's DMT
 * @param undecided candidates that these runs do not tell from the recommended one
 * @param next the run that would tell most; empty where all promising ones were run
 * @param binding abilities whose constraint has moved the choice
 * @param learningRate how the recommended mixture does at other learning rates; empty where nobody
 *     asked
 */
public record Advice(
    MixtureSpace space,
    SourceFacts facts,
    Objective objective,
    List<MeasuredRun> runs,
    Forecasts forecasts,
    MixturePlan recommended,
    List<MixturePlan> alternatives,
    List<MixturePlan> undecided,
    Optional<MixturePlan> next,
    List<String> binding,
    Optional<LearningRateScale> learningRate) {
  /**
   * Copies lists.
   *
   * @param space the candidates
   * @param facts of its sources
   * @param objective what was asked for
   * @param runs that were trained for it
   * @param forecasts what they say of all candidates
   * @param recommended the mixture that is advised
   * @param alternatives the next best ones, then all rows as they are and the paper's DMT
   * @param undecided candidates that these runs do not tell from the recommended one
   * @param next the run that would tell most; empty where all promising ones were run
   * @param binding abilities whose constraint has moved the choice
   * @param learningRate how the recommended mixture does at other learning rates; empty where
   *     nobody asked
   */
  public Advice {
    runs = List.copyOf(runs);
    alternatives = List.copyOf(alternatives);
    undecided = List.copyOf(undecided);
    binding = List.copyOf(binding);
  }

  /** {@return how many runs were trained} */
  public int trained() {
    return runs.size() + rates();
  }

  /** Runs for the learning rate that are not among those of mixtures. */
  private int rates() {
    int known = forecasts.isMeasured(recommended) ? 1 : 0;
    return learningRate.map(scale -> scale.tried().size() - known).orElse(0);
  }

  /** {@return whole runs of the recipe that all runs cost} */
  public double cost() {
    return rates() + runs.stream().mapToDouble(run -> run.plan().tokens()).sum() / space.tokens();
  }

  /** A copy with what other learning rates gave. */
  Advice with(LearningRateScale scale) {
    return RecordCopy.with(this, "learningRate", Optional.of(scale));
  }
}
