package ai.dmt.strategies;

import ai.dmt.config.ConfigException;
import ai.dmt.train.Corpus;
import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;
import java.util.List;

/**
 * DMT: the specialized sources first, then the general ones and a share k of each specialized
 * source again (arXiv 2310.05492, section 3.5). Stage one is that of {@link MixedSequential}, with
 * an equal {@link Schedule#key}; with k = 0 both schedules are equal. The replayed samples are the
 * subset that RQ1 would train on with the same fraction and seed, which the paper leaves open.
 *
 * @param k in [0, 1]; the paper's choice is 1/256
 */
public record DualStageMixed(double k) implements MixingStrategy {
  /**
   * Checks the range.
   *
   * @param k in [0, 1]; the paper's choice is 1/256
   */
  public DualStageMixed {
    if (!(k >= 0 && k <= 1)) { // written this way round so that NaN fails too
      throw new ConfigException("k must be in [0, 1], got " + k);
    }
  }

  @Override
  public Schedule plan(Corpus corpus, PlanSettings settings) {
    return stages("dmt", k, corpus, settings);
  }

  static Schedule stages(String strategy, double k, Corpus corpus, PlanSettings settings) {
    List<Corpus.Entry> specialized = Sources.of(corpus, Corpus.Role.SPECIALIZED, strategy);
    List<Corpus.Entry> general = Sources.of(corpus, Corpus.Role.GENERAL, strategy);
    return settings.schedule(
        new Stage("specialized", Sources.all(specialized), settings.stage()),
        new Stage(
            "general",
            Sources.all(general).plus(specialized.stream().map(source -> source.share(k)).toList()),
            settings.stage()));
  }
}
