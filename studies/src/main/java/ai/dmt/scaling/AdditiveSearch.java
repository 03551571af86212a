package ai.dmt.scaling;

import java.util.List;

/**
 * The additive law of the least squares of logarithms: for two given exponents its three parts are
 * linear, none of them below 0. The exponents are searched on a grid that is refined around its
 * best place.
 */
final class AdditiveSearch {
  private static final double LEAST_EXPONENT = -2;
  private static final double MOST_EXPONENT = -0.05; // flatter, and a part is hardly one of its own
  private static final int GRID = 24;
  private static final int REFINEMENTS = 10;
  private static final int REWEIGHTINGS = 4;
  private static final double EDGE = 1e-3;
  private static final double GONE = 1e-6; // of a part, in the value at the middle of the data

  private final List<SizedObservation> data;
  private final double middleSize;
  private final double middleAmount;

  private AdditiveSearch(List<SizedObservation> data) {
    this.data = data;
    this.middleSize = middle(data.stream().mapToDouble(SizedObservation::size).toArray());
    this.middleAmount = middle(data.stream().mapToDouble(SizedObservation::amount).toArray());
  }

  static AdditiveLaw of(List<SizedObservation> data) {
    return new AdditiveSearch(data).search();
  }

  private static double middle(double[] values) {
    double logs = 0;
    for (double value : values) {
      logs += Math.log(value) / values.length;
    }
    return Math.exp(logs);
  }

  /** Parts at the middle of the data, with their exponents. */
  private record Candidate(double[] parts, double size, double amount, double squares) {}

  private AdditiveLaw search() {
    double step = (MOST_EXPONENT - LEAST_EXPONENT) / GRID;
    double middle = (LEAST_EXPONENT + MOST_EXPONENT) / 2;
    Candidate best = candidate(middle, middle);
    int reach = GRID / 2;
    for (int round = 0; round <= REFINEMENTS; round++) {
      Candidate around = best;
      for (int i = -reach; i <= reach; i++) {
        for (int j = -reach; j <= reach; j++) {
          Candidate next =
              candidate(clamp(around.size() + i * step), clamp(around.amount() + j * step));
          best = next.squares() < best.squares() ? next : best;
        }
      }
      reach = 2;
      step /= 2;
    }
    return law(best);
  }

  private AdditiveLaw law(Candidate best) {
    double[] parts = best.parts();
    double all = parts[0] + parts[1] + parts[2];
    boolean edge = isEdge(best.size()) || isEdge(best.amount());
    for (double part : parts) {
      edge |= part < GONE * all;
    }
    return new AdditiveLaw(
        parts[0],
        parts[1] * Math.pow(middleSize, -best.size()),
        best.size(),
        parts[2] * Math.pow(middleAmount, -best.amount()),
        best.amount(),
        edge);
  }

  /**
   * The best parts of two exponents: squares of ratios, weighted anew until they are of logarithms.
   */
  private Candidate candidate(double size, double amount) {
    int n = data.size();
    double[][] shapes = new double[3][n];
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      SizedObservation one = data.get(i);
      shapes[0][i] = 1;
      shapes[1][i] = Math.pow(one.size() / middleSize, size);
      shapes[2][i] = Math.pow(one.amount() / middleAmount, amount);
      weights[i] = 1 / one.value();
    }
    Candidate best = new Candidate(new double[3], size, amount, Double.MAX_VALUE);
    for (int round = 0; round < REWEIGHTINGS; round++) {
      double[] parts = parts(shapes, weights);
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double value = parts[0] + parts[1] * shapes[1][i] + parts[2] * shapes[2][i];
        double left = Math.log(data.get(i).value() / value);
        squares += left * left;
        weights[i] =
            Math.abs(left) < 1e-9 ? 1 / value : Math.abs(left / (data.get(i).value() - value));
      }
      if (squares < best.squares()) {
        best = new Candidate(parts, size, amount, squares);
      }
    }
    return best;
  }

  /** Least squares without parts below 0: the best of all choices of parts that has none. */
  private double[] parts(double[][] shapes, double[] weights) {
    double[] best = new double[3];
    double least = Double.MAX_VALUE;
    double[] targets = new double[weights.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = data.get(i).value() * weights[i];
    }
    for (int choice = 1; choice < 8; choice++) {
      double[][] columns = new double[Integer.bitCount(choice)][weights.length];
      int[] part = new int[columns.length];
      for (int p = 0, c = 0; p < 3; p++) {
        if ((choice >> p & 1) == 1) {
          part[c] = p;
          for (int i = 0; i < weights.length; i++) {
            columns[c][i] = shapes[p][i] * weights[i];
          }
          c++;
        }
      }
      LeastSquares fit = LeastSquares.of(columns, targets);
      if (fit == null) {
        continue;
      }
      double[] parts = new double[3];
      boolean allowed = true;
      for (int c = 0; c < columns.length; c++) {
        parts[part[c]] = fit.coefficient(c);
        allowed &= fit.coefficient(c) > 0;
      }
      double squares = fit.squares(columns, targets);
      if (allowed && squares < least) {
        least = squares;
        best = parts;
      }
    }
    return best;
  }

  private static double clamp(double exponent) {
    return Math.max(LEAST_EXPONENT, Math.min(MOST_EXPONENT, exponent));
  }

  private static boolean isEdge(double exponent) {
    double width = MOST_EXPONENT - LEAST_EXPONENT;
    return exponent - LEAST_EXPONENT < EDGE * width || MOST_EXPONENT - exponent < EDGE * width;
  }
}
