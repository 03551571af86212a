package ai.dmt.independence;

import ai.dmt.evaluators.comparison.ProblemValues;
import ai.dmt.evaluators.statistics.PooledMean;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Measures abilities of a model, on the same samples and problems whenever it is asked. */
public interface AbilityMeter {
  /**
   * Measures held-out losses.
   *
   * @param model its folder
   * @return loss of each ability in nats, sample by sample
   * @throws IOException if the model cannot be read
   */
  Map<String, PooledMean> losses(Path model) throws IOException;

  /**
   * Answers benchmarks.
   *
   * @param model its folder
   * @return scores, the same ones of every model; may be none
   * @throws IOException if the model cannot be read, or answers cannot be written
   */
  List<AbilityScore> scores(Path model) throws IOException;

  /**
   * A score of an ability.
   *
   * @param name such as "gsm8k accuracy"
   * @param ability that it measures
   * @param values problem by problem
   */
  record AbilityScore(String name, String ability, ProblemValues values) {}
}
