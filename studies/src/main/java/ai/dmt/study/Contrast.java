package ai.dmt.study;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A weighted sum of groups, such as the difference of two.
 *
 * @param name for people
 * @param weights by group
 */
record Contrast(String name, Map<String, Double> weights) {
  private static final double NORMAL_97_5 = 1.959964;
  private static final double TWO_SIDED_95 = 0.975;

  /** Copies the map. */
  Contrast {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** One group minus another. */
  static Contrast difference(String group, String other) {
    Map<String, Double> weights = new LinkedHashMap<>();
    weights.put(group, 1.0);
    weights.merge(other, -1.0, Double::sum);
    return new Contrast(group + " minus " + other, weights);
  }

  /** This minus another. */
  Contrast minus(Contrast other) {
    Map<String, Double> sum = new LinkedHashMap<>(weights);
    other.weights.forEach((group, weight) -> sum.merge(group, -weight, Double::sum));
    return new Contrast("(%s) minus (%s)".formatted(name, other.name), sum);
  }

  /**
   * An estimate with its 95 % interval.
   *
   * @param mean over seeds; more is better
   * @param low NaN where nothing is known of the spread
   * @param high NaN where nothing is known of the spread
   * @param seeds that have all groups
   */
  record Estimate(double mean, double low, double high, int seeds) {
    boolean hasInterval() {
      return !Double.isNaN(low);
    }

    /** With the other sign. */
    Estimate negated() {
      return new Estimate(-mean, -high, -low, seeds);
    }
  }

  /**
   * The contrast of a metric, turned so that more is better. Its interval adds two errors in
   * quadrature: that of the seeds (Student's t with the variance between seeds pooled over all
   * groups, since two or three seeds of one group say too little), and that of the problems, which
   * all seeds share and which more seeds therefore do not shrink. Answers of two models to the same
   * problems go together, so the second is on the safe side.
   *
   * @return empty where no seed has all groups
   */
  Optional<Estimate> of(ResultView view, Metric metric) {
    Set<Long> seeds = null;
    for (String group : weights.keySet()) {
      Set<Long> own = view.values(group, metric).keySet();
      if (seeds == null) {
        seeds = new LinkedHashSet<>(own);
      }
      seeds.retainAll(own);
    }
    if (seeds == null || seeds.isEmpty()) {
      return Optional.empty();
    }
    double[] values = new double[seeds.size()];
    double problems = 0; // mean squared error of a seed's contrast
    int s = 0;
    for (long seed : seeds) {
      for (Map.Entry<String, Double> weight : weights.entrySet()) {
        Metric.Observed observed = // there are only seeds that all groups have
            Objects.requireNonNull(view.values(weight.getKey(), metric).get(seed));
        values[s] += metric.sign() * weight.getValue() * observed.value();
        problems += square(weight.getValue() * observed.error()) / values.length;
      }
      s++;
    }
    return Optional.of(estimate(values, problems, view.seedSpread(metric)));
  }

  private Estimate estimate(double[] values, double problems, ResultView.SeedSpread seeds) {
    int n = values.length;
    double mean = Arrays.stream(values).average().orElseThrow();
    if (seeds.degrees() == 0 && problems == 0) {
      return new Estimate(mean, Double.NaN, Double.NaN, n);
    }
    double spread = 0;
    if (seeds.degrees() > 0) {
      double t = TDistribution.of(seeds.degrees()).inverseCumulativeProbability(TWO_SIDED_95);
      double groups = weights.values().stream().mapToDouble(Contrast::square).sum();
      spread = square(t) * groups * seeds.variance() / n;
    }
    double half = Math.sqrt(spread + square(NORMAL_97_5) * problems);
    return new Estimate(mean, mean - half, mean + half, n);
  }

  private static double square(double value) {
    return value * value;
  }
}
