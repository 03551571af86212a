package ai.dmt.strategies;

import ai.dmt.config.ConfigException;
import ai.dmt.train.Corpus;
import ai.dmt.train.Mixture;
import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;
import java.util.List;

/**
 * One source alone (arXiv 2310.05492, section 3.2, RQ1).
 *
 * @param source its name
 */
public record Individual(String source) implements MixingStrategy {
  /**
   * Checks the name.
   *
   * @param source its name
   */
  public Individual {
    if (source == null || source.isBlank()) {
      throw new ConfigException("strategy individual needs source, the name of one source");
    }
  }

  @Override
  public Schedule plan(Corpus corpus, PlanSettings settings) {
    Corpus.Entry entry = Sources.named(corpus, source);
    return settings.schedule(
        new Stage(source, Mixture.of(List.of(entry.portion())), settings.stage()));
  }
}
