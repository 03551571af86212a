package ai.dmt.strategies;

import ai.dmt.train.Corpus;
import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;

/** All sources at once (paper.md 3; with a fraction of each source, RQ2 and RQ3). */
public record MultiTask() implements MixingStrategy {
  @Override
  public Schedule plan(Corpus corpus, PlanSettings settings) {
    return settings.schedule(new Stage("all", Sources.all(corpus.sources()), settings.stage()));
  }
}
