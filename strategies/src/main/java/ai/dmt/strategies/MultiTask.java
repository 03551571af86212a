package ai.dmt.strategies;

import ai.dmt.train.Corpus;
import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;

/**
 * All sources at once (arXiv 2310.05492, section 3.5; with a fraction of each source, 3.3 and 3.4).
 */
public record MultiTask() implements MixingStrategy {
  @Override
  public Schedule plan(Corpus corpus, PlanSettings settings) {
    return settings.schedule(new Stage("all", Sources.all(corpus.sources()), settings.stage()));
  }
}
