package ai.dmt.strategies;

import ai.dmt.train.Corpus;
import ai.dmt.train.Schedule;

/**
 * Turns sources into stages; it does not train. The strategies of the paper are records of this
 * package, a user's own comes through {@link MixingStrategyProvider}.
 */
@FunctionalInterface
public interface MixingStrategy {
  /**
   * Plans the stages; nothing is read or trained.
   *
   * @param corpus sources with roles and sizes
   * @param settings of the stages, and seeds
   * @return the stages in their order, with the seeds
   * @throws ai.dmt.config.ConfigException if the corpus lacks what the strategy needs
   */
  Schedule plan(Corpus corpus, PlanSettings settings);

  /**
   * Plans with the paper's settings and seed 42.
   *
   * @param corpus sources with roles and sizes
   * @return the stages in their order
   */
  default Schedule plan(Corpus corpus) {
    return plan(corpus, PlanSettings.paper());
  }
}
