package ai.dmt.evaluation;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.statistics.Intervals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Held-out loss of a model: mean negative log-likelihood per label token in nats, by source. Lower
 * is better. It still tells models apart where accuracies are at their floor.
 *
 * @param sources losses of each source's samples, in the sources' order
 */
public record HeldOutLoss(Map<String, List<SampleLoss>> sources) {
  /** Name in reports. */
  public static final String NAME = "held-out loss";

  private static final String VERSION = "1";
  private static final long BOOTSTRAP_SEED = 42;

  /**
   * Keeps the order.
   *
   * @param sources losses of each source's samples, in the sources' order
   */
  public HeldOutLoss {
    sources = new LinkedHashMap<>(sources);
  }

  /**
   * {@return the mean over the label tokens of a source, in nats}
   *
   * @param source name of one of {@link #sources()}
   * @throws IllegalArgumentException if there is no such source
   */
  public double mean(String source) {
    List<SampleLoss> samples = samples(source);
    return mean(samples, all(samples));
  }

  /**
   * {@return a percentile bootstrap over samples of a source, at 95 %, in nats}
   *
   * @param source name of one of {@link #sources()}
   * @throws IllegalArgumentException if there is no such source
   */
  public Interval interval(String source) {
    List<SampleLoss> samples = samples(source);
    return Intervals.bootstrap(samples.size(), BOOTSTRAP_SEED, drawn -> mean(samples, drawn));
  }

  /** {@return the losses as the scores of a benchmark: one a source, and each sample's own loss} */
  public ScoreReport report() {
    List<Score> scores = new ArrayList<>();
    List<ItemVerdict> items = new ArrayList<>();
    sources.forEach(
        (name, samples) -> {
          scores.add(
              new Score(name, null, null, (long) samples.size(), mean(name), interval(name)));
          for (SampleLoss sample : samples) {
            items.add(
                new ItemVerdict(
                    name + ":" + sample.id(),
                    null,
                    null,
                    "measured",
                    sample.mean(),
                    name,
                    (double) sample.labelTokens()));
          }
        });
    return new ScoreReport(NAME, VERSION, scores, items);
  }

  private List<SampleLoss> samples(String source) {
    List<SampleLoss> samples = sources.get(source);
    if (samples == null) {
      throw new IllegalArgumentException(
          "no source \"%s\" is measured, only %s".formatted(source, sources.keySet()));
    }
    return samples;
  }

  private static int[] all(List<SampleLoss> samples) {
    return java.util.stream.IntStream.range(0, samples.size()).toArray();
  }

  private static double mean(List<SampleLoss> samples, int[] drawn) {
    double lossSum = 0;
    long labelTokens = 0;
    for (int s : drawn) {
      lossSum += samples.get(s).lossSum();
      labelTokens += samples.get(s).labelTokens();
    }
    return lossSum / labelTokens;
  }
}
