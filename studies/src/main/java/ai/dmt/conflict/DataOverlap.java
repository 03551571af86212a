package ai.dmt.conflict;

import ai.dmt.data.EncodedSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of what two sources train on is the same: what their n-grams of label tokens have in
 * common, each n-gram as often as the source that has it less often does, as a share of all. 1 for
 * equal distributions, 0 for no n-gram in common. Samples are few, so equal sources stay below 1:
 * the ceiling is what two sets of the same source have in common.
 *
 * @param one name of a source
 * @param other name of another source
 * @param n tokens of an n-gram
 * @param shared mean over a set of the one and a set of the other
 * @param ceiling geometric mean of what two sets of one source share
 */
public record DataOverlap(String one, String other, int n, double shared, double ceiling) {
  /** {@return the shared part as a share of the ceiling; NaN where the ceiling is 0} */
  public double relative() {
    return shared / ceiling;
  }

  /**
   * {@return the overlap of each pair of sources}
   *
   * @param sets samples of each source
   * @param n tokens of an n-gram, at least 1
   */
  public static List<DataOverlap> of(SourceSets sets, int n) {
    List<List<Map<String, Double>>> grams = grams(sets, n);
    List<DataOverlap> overlaps = new ArrayList<>();
    for (int one = 0; one < grams.size(); one++) {
      for (int other = one + 1; other < grams.size(); other++) {
        overlaps.add(
            new DataOverlap(
                sets.sources().get(one),
                sets.sources().get(other),
                n,
                mean(grams.get(one), grams.get(other), false),
                Math.sqrt(
                    mean(grams.get(one), grams.get(one), true)
                        * mean(grams.get(other), grams.get(other), true))));
      }
    }
    return overlaps;
  }

  /**
   * {@return what two sets of one source have in common, by source: how much of it repeats itself}
   *
   * @param sets samples of each source
   * @param n tokens of an n-gram, at least 1
   */
  public static Map<String, Double> within(SourceSets sets, int n) {
    List<List<Map<String, Double>>> grams = grams(sets, n);
    Map<String, Double> within = new LinkedHashMap<>();
    for (int one = 0; one < grams.size(); one++) {
      within.put(sets.sources().get(one), mean(grams.get(one), grams.get(one), true));
    }
    return within;
  }

  private static List<List<Map<String, Double>>> grams(SourceSets sets, int n) {
    return sets.samples().stream()
        .map(source -> source.stream().map(set -> frequencies(set, n)).toList())
        .toList();
  }

  private static double mean(
      List<Map<String, Double>> some, List<Map<String, Double>> others, boolean same) {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < some.size(); i++) {
      for (int j = 0; j < others.size(); j++) {
        if (!same || i != j) {
          sum += shared(some.get(i), others.get(j));
          pairs++;
        }
      }
    }
    return sum / pairs;
  }

  private static double shared(Map<String, Double> one, Map<String, Double> other) {
    return one.entrySet().stream()
        .mapToDouble(gram -> Math.min(gram.getValue(), other.getOrDefault(gram.getKey(), 0.0)))
        .sum();
  }

  /** N-grams within one stretch of label tokens, and how large a share each is. */
  private static Map<String, Double> frequencies(List<EncodedSample> set, int n) {
    Map<String, Double> counts = new HashMap<>();
    long all = 0;
    for (EncodedSample sample : set) {
      int[] ids = sample.tokenIds();
      boolean[] labels = sample.carriesLoss();
      int run = 0;
      for (int t = 0; t < ids.length; t++) {
        run = labels[t] ? run + 1 : 0;
        if (run >= n) {
          counts.merge(
              Arrays.toString(Arrays.copyOfRange(ids, t - n + 1, t + 1)), 1.0, Double::sum);
          all++;
        }
      }
    }
    double total = Math.max(1, all);
    counts.replaceAll((gram, count) -> count / total);
    return counts;
  }
}
