package ai.dmt.attention;

import ai.dmt.attention.AttentionChanges.Head;
import ai.dmt.attention.AttentionChanges.Means;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.AttentionHead;
import ai.dmt.engine.AttentionMeasures;
import ai.dmt.evaluators.statistics.Holm;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.independence.Independence.LossChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.distribution.TDistribution;

/** Compares what the heads of two models do on the same samples. */
public final class AttentionStudy {
  private static final int PERMUTATIONS = 2_000;

  private final List<String> sources;
  private final HeadSamples before;
  private final HeadSamples after;
  private final long seed;

  private AttentionStudy(List<String> sources, HeadSamples before, HeadSamples after, long seed) {
    this.sources = sources;
    this.before = before;
    this.after = after;
    this.seed = seed;
  }

  /**
   * Compares.
   *
   * @param names of the two models
   * @param sources names, in the order of the samples' numbers
   * @param before what the first model's heads do
   * @param after what the other's do on the same samples, compared with the first
   * @param seed of the exchanges
   * @return what changed
   * @throws ConfigException if a source has fewer than two samples
   */
  public static AttentionChanges of(
      List<String> names, List<String> sources, HeadSamples before, HeadSamples after, long seed) {
    for (int s = 0; s < sources.size(); s++) {
      int number = s;
      if (Arrays.stream(before.sources()).filter(each -> each == number).count() < 2) {
        throw new ConfigException("source %s needs two samples or more".formatted(sources.get(s)));
      }
    }
    AttentionStudy study = new AttentionStudy(List.copyOf(sources), before, after, seed);
    return new AttentionChanges(
        List.copyOf(names), study.sources, before.sources().length, study.heads());
  }

  private List<Head> heads() {
    int layers = before.measures().length;
    int heads = before.measures()[0].length;
    double[] change = new double[layers * heads];
    double[][] scores = new double[change.length][];
    for (int h = 0; h < change.length; h++) {
      double[] moved = differences(h / heads, h % heads);
      change[h] = pairedP(moved);
      scores[h] = standardised(moved);
    }
    double[] changeP = Holm.adjust(change);
    double[] sourceP = sourceP(scores);
    List<Head> all = new ArrayList<>();
    for (int h = 0; h < change.length; h++) {
      int layer = h / heads;
      int head = h % heads;
      Map<String, Means> bySource = new LinkedHashMap<>();
      for (int s = 0; s < sources.size(); s++) {
        bySource.put(sources.get(s), means(layer, head, s));
      }
      all.add(
          new Head(
              layer,
              head,
              means(layer, head, -1),
              bySource,
              changeP[h],
              sourceP[h],
              worth(layer, head)));
    }
    return all;
  }

  /** Of the entropies of each sample. */
  private double[] differences(int layer, int head) {
    AttentionMeasures[] one = before.measures()[layer][head];
    AttentionMeasures[] other = after.measures()[layer][head];
    double[] differences = new double[one.length];
    for (int s = 0; s < differences.length; s++) {
      differences[s] = other[s].entropy() - one[s].entropy();
    }
    return differences;
  }

  private static double pairedP(double[] differences) {
    double error = Moments.error(differences);
    double mean = Moments.mean(differences);
    if (error == 0) {
      return mean == 0 ? 1 : 0;
    }
    return Math.min(
        1,
        2 * TDistribution.of(differences.length - 1).survivalProbability(Math.abs(mean) / error));
  }

  /**
   * Exchanges samples among sources, which keep their sizes. A head's p is how often the most
   * different of all heads differs as much, so that it needs no further correction (Westfall and
   * Young, 1993).
   */
  private double[] sourceP(double[][] scores) {
    double[] found = new double[scores.length];
    for (int h = 0; h < found.length; h++) {
      found[h] = spread(scores[h], before.sources());
    }
    int[] asMany = new int[found.length];
    int[] numbers = before.sources().clone();
    Random random = new Random(seed);
    for (int p = 0; p < PERMUTATIONS; p++) {
      shuffle(numbers, random);
      double most = 0;
      for (double[] head : scores) {
        most = Math.max(most, spread(head, numbers));
      }
      for (int h = 0; h < found.length; h++) {
        asMany[h] += most >= found[h] ? 1 : 0;
      }
    }
    return Arrays.stream(asMany).mapToDouble(each -> (1.0 + each) / (1.0 + PERMUTATIONS)).toArray();
  }

  private static void shuffle(int[] numbers, Random random) {
    for (int i = numbers.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = numbers[i];
      numbers[i] = numbers[j];
      numbers[j] = kept;
    }
  }

  /** Around their mean, of variance 1; all 0 where they do not vary. */
  private static double[] standardised(double[] values) {
    double mean = Moments.mean(values);
    double deviation = Moments.error(values) * Math.sqrt(values.length);
    return Arrays.stream(values)
        .map(value -> deviation == 0 ? 0 : (value - mean) / deviation)
        .toArray();
  }

  /** Of the sources' means around 0, weighted by their samples. */
  private double spread(double[] scores, int[] numbers) {
    double[] sums = new double[sources.size()];
    int[] counts = new int[sums.length];
    for (int s = 0; s < scores.length; s++) {
      sums[numbers[s]] += scores[s];
      counts[numbers[s]]++;
    }
    double spread = 0;
    for (int s = 0; s < sums.length; s++) {
      spread += sums[s] * sums[s] / counts[s];
    }
    return spread;
  }

  /** Over the samples of a source. @param source its number; -1 for all */
  private Means means(int layer, int head, int source) {
    AttentionMeasures[] one = before.measures()[layer][head];
    AttentionMeasures[] other = after.measures()[layer][head];
    double[] differences = before.of(source, differences(layer, head));
    return new Means(
        pair(source, one, other, AttentionMeasures::entropy),
        pair(source, one, other, AttentionMeasures::distance),
        pair(source, one, other, AttentionMeasures::first),
        Moments.mean(before.of(source, values(other, AttentionMeasures::moved))),
        Moments.mean(differences),
        Moments.error(differences));
  }

  private double[] pair(
      int source,
      AttentionMeasures[] one,
      AttentionMeasures[] other,
      ToDoubleFunction<AttentionMeasures> value) {
    return new double[] {
      Moments.mean(before.of(source, values(one, value))),
      Moments.mean(before.of(source, values(other, value)))
    };
  }

  private static double[] values(
      AttentionMeasures[] measures, ToDoubleFunction<AttentionMeasures> value) {
    return Arrays.stream(measures).mapToDouble(value).toArray();
  }

  private List<Map<String, LossChange>> worth(int layer, int head) {
    List<Map<String, LossChange>> worth = new ArrayList<>();
    for (HeadSamples model : List.of(before, after)) {
      Map<String, PooledMean> without = model.without().get(new AttentionHead(layer, head));
      Map<String, PooledMean> whole = model.losses();
      if (without != null) {
        Map<String, LossChange> changes = new LinkedHashMap<>();
        without.forEach(
            (source, loss) ->
                changes.put(
                    source,
                    LossChange.of(Objects.requireNonNull(whole.get(source), source), loss)));
        worth.add(changes);
      }
    }
    return worth;
  }
}
