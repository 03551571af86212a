package ai.dmt.evaluators.statistics;

import java.util.List;

/**
 * A contrast of groups of models, such as one way to train minus another, over seeds: the groups'
 * models of one seed saw the same order of data, and all models were asked the same problems, so
 * both are paired.
 *
 * <p>Two things could have been others, seeds and problems, and the variance of the contrast is
 * that of two crossed clusters: that between the seeds' contrasts, plus that between the problems'
 * mean contrasts, less what both hold of a problem's chance within a seed.
 */
public final class SeedContrast {
  private SeedContrast() {}

  /**
   * Models of one ability, all asked the same problems.
   *
   * @param weights of the groups in the contrast
   * @param cells for each seed, the models of the groups in the weights' order
   */
  public record Part(double[] weights, List<List<ScaledMean>> cells) {
    /**
     * Copies, and demands a model for each weight.
     *
     * @param weights of the groups in the contrast
     * @param cells for each seed, the models of the groups in the weights' order
     */
    public Part {
      weights = weights.clone();
      cells = cells.stream().map(List::copyOf).toList();
      for (List<ScaledMean> seed : cells) {
        if (seed.size() != weights.length) {
          throw new IllegalArgumentException(
              "%s models for %s groups".formatted(seed.size(), weights.length));
        }
      }
    }

    private double of(int seed) {
      double sum = 0;
      for (int g = 0; g < weights.length; g++) {
        sum += weights[g] * cells.get(seed).get(g).value();
      }
      return sum;
    }

    private boolean atEnd() {
      return cells.stream().flatMap(List::stream).anyMatch(ScaledMean::atEnd);
    }
  }

  /**
   * Estimates the mean of the parts' contrasts.
   *
   * @param parts at least one, each with the same seeds, at least one
   * @return the effect
   */
  public static Effect of(List<Part> parts) {
    int seeds = parts.get(0).cells().size();
    double[] values = new double[seeds];
    double problems = 0;
    boolean atEnd = false;
    for (Part part : parts) {
      if (part.cells().size() != seeds || seeds == 0) {
        throw new IllegalArgumentException(
            "parts of %s and %s seeds".formatted(seeds, part.cells().size()));
      }
      for (int s = 0; s < seeds; s++) {
        values[s] += part.of(s) / parts.size();
      }
      problems += problemVariance(part) / (parts.size() * parts.size());
      atEnd |= part.atEnd();
    }
    double mean = 0;
    for (double value : values) {
      mean += value / seeds;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double between = seeds == 1 ? Double.NaN : squares / (seeds - 1);
    return new Effect(mean, seeds, between, problems, atEnd);
  }

  /** By the choice of problems, without what the seeds' variance has of it. */
  private static double problemVariance(Part part) {
    int seeds = part.cells().size();
    double unseen = 0;
    for (List<ScaledMean> seed : part.cells()) {
      for (int g = 0; g < seed.size(); g++) {
        unseen += square(part.weights()[g]) * seed.get(g).unseenVariance() / seeds;
      }
    }
    int n = part.cells().get(0).get(0).influences().length;
    if (n < 2
        || part.cells().stream()
            .flatMap(List::stream)
            .anyMatch(cell -> cell.influences().length != n)) {
      return unseen;
    }
    double crossed = 0;
    double chance = 0;
    for (int i = 0; i < n; i++) {
      double mean = 0;
      double squares = 0;
      for (List<ScaledMean> seed : part.cells()) {
        double one = 0;
        for (int g = 0; g < seed.size(); g++) {
          one += part.weights()[g] * seed.get(g).influences()[i];
        }
        mean += one / seeds;
        squares += one * one;
      }
      crossed += mean * mean;
      chance += seeds == 1 ? 0 : (squares - seeds * mean * mean) / (seeds * (seeds - 1.0));
    }
    return unseen + Math.max(0, crossed - chance) * n / (n - 1);
  }

  private static double square(double value) {
    return value * value;
  }
}
