package ai.dmt.representation;

import java.util.Arrays;
import java.util.Random;

/**
 * t-SNE (van der Maaten and Hinton, 2008), exact: every pair of points counts, so it is for some
 * hundreds of them. The same points and seed give the same places.
 */
final class TSne {
  private static final int ITERATIONS = 1_000;
  private static final int EXAGGERATED = 250; // iterations with larger affinities
  private static final double EXAGGERATION = 12;
  private static final double EARLY_MOMENTUM = 0.5;
  private static final double MOMENTUM = 0.8;
  private static final double LEAST_GAIN = 0.01;
  private static final double TINY = 1e-12;
  private static final int BISECTIONS = 60;

  private final int n;
  private final double[][] affinities; // symmetric, all together 1
  private final double[][] places;
  private final double[][] near; // of each pair, the second below the first
  private final double rate;

  private TSne(double[][] points, double perplexity, long seed) {
    this.n = points.length;
    this.affinities = affinities(points, Math.min(perplexity, (n - 1) / 3.0));
    this.places = new double[n][2];
    this.near = new double[n][n];
    this.rate = Math.max(n / EXAGGERATION / 4, 50); // as scikit-learn's "auto"
    Random random = new Random(seed);
    for (double[] place : places) {
      Arrays.setAll(place, axis -> 1e-4 * random.nextGaussian());
    }
  }

  /**
   * Lays points out in two dimensions.
   *
   * @param points at least 4
   * @param perplexity neighbours that a point has, about; less than a third of the points
   */
  static double[][] of(double[][] points, double perplexity, long seed) {
    TSne layout = new TSne(points, perplexity, seed);
    layout.run();
    return layout.places;
  }

  private void run() {
    double[][] velocity = new double[n][2];
    double[][] gains = new double[n][2];
    for (double[] gain : gains) {
      Arrays.fill(gain, 1);
    }
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      boolean early = iteration < EXAGGERATED;
      double[][] gradient = gradient(early ? EXAGGERATION : 1);
      for (int i = 0; i < n; i++) {
        for (int axis = 0; axis < 2; axis++) {
          boolean turned = Math.signum(gradient[i][axis]) == Math.signum(velocity[i][axis]);
          gains[i][axis] =
              Math.max(LEAST_GAIN, turned ? gains[i][axis] * 0.8 : gains[i][axis] + 0.2);
          velocity[i][axis] =
              (early ? EARLY_MOMENTUM : MOMENTUM) * velocity[i][axis]
                  - rate * gains[i][axis] * gradient[i][axis];
          places[i][axis] += velocity[i][axis];
        }
      }
    }
  }

  /** Of the Kullback-Leibler divergence of the places' affinities from the points'. */
  private double[][] gradient(double exaggeration) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double x = places[i][0];
      double y = places[i][1];
      double[] row = near[i];
      for (int j = 0; j < i; j++) {
        double dx = x - places[j][0];
        double dy = y - places[j][1];
        row[j] = 1 / (1 + dx * dx + dy * dy);
        sum += 2 * row[j];
      }
    }
    double[][] gradient = new double[n][2];
    for (int i = 0; i < n; i++) {
      double gx = 0;
      double gy = 0;
      for (int j = 0; j < i; j++) { // what pulls i to j pulls j to i
        double pull = 4 * (exaggeration * affinities[i][j] - near[i][j] / sum) * near[i][j];
        double px = pull * (places[i][0] - places[j][0]);
        double py = pull * (places[i][1] - places[j][1]);
        gx += px;
        gy += py;
        gradient[j][0] -= px;
        gradient[j][1] -= py;
      }
      gradient[i][0] += gx;
      gradient[i][1] += gy;
    }
    return gradient;
  }

  private static double[][] affinities(double[][] points, double perplexity) {
    int n = points.length;
    double[][] conditional = new double[n][];
    for (int i = 0; i < n; i++) {
      double[] distances = new double[n];
      for (int j = 0; j < n; j++) {
        distances[j] = squaredDistance(points[i], points[j]);
      }
      conditional[i] = neighbours(distances, i, Math.log(perplexity));
    }
    double[][] joint = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        joint[i][j] =
            i == j ? 0 : Math.max((conditional[i][j] + conditional[j][i]) / (2 * n), TINY);
      }
    }
    return joint;
  }

  /** Probabilities of a point's neighbours; the bell is as wide as their entropy asks for. */
  private static double[] neighbours(double[] distances, int self, double entropy) {
    double nearest = Double.MAX_VALUE;
    for (int j = 0; j < distances.length; j++) {
      nearest = j == self ? nearest : Math.min(nearest, distances[j]);
    }
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double precision = 1 / Math.max(TINY, Arrays.stream(distances).average().orElse(1));
    double[] shares = new double[distances.length];
    for (int step = 0; step < BISECTIONS; step++) {
      double sum = 0;
      double weighted = 0;
      for (int j = 0; j < distances.length; j++) {
        shares[j] = j == self ? 0 : Math.exp(-precision * (distances[j] - nearest));
        sum += shares[j];
        weighted += shares[j] * (distances[j] - nearest);
      }
      boolean tooWide = Math.log(sum) + precision * weighted / sum > entropy;
      low = tooWide ? precision : low;
      high = tooWide ? high : precision;
      for (int j = 0; j < distances.length; j++) {
        shares[j] /= sum;
      }
      precision = Double.isInfinite(high) ? 2 * precision : (low + high) / 2;
    }
    return shares;
  }

  private static double squaredDistance(double[] one, double[] other) {
    double sum = 0;
    for (int c = 0; c < one.length; c++) {
      double difference = one[c] - other[c];
      sum += difference * difference;
    }
    return sum;
  }
}
