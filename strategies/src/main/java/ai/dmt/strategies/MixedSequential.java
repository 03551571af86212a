package ai.dmt.strategies;

import ai.dmt.train.Corpus;
import ai.dmt.train.Schedule;

/**
 * The specialized sources together, then the general ones (arXiv 2310.05492, section 3.5): DMT with
 * k = 0.
 */
public record MixedSequential() implements MixingStrategy {
  @Override
  public Schedule plan(Corpus corpus, PlanSettings settings) {
    return DualStageMixed.stages("mixed-sequential", 0, corpus, settings);
  }
}
