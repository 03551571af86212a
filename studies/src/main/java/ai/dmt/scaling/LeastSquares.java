package ai.dmt.scaling;

import org.jspecify.annotations.Nullable;

/** Linear least squares of few columns, by the normal equations. */
final class LeastSquares {
  private static final double SINGULAR = 1e-10; // of a pivot, in its column's own square

  private final double[] coefficients;
  private final double[][] inverse; // of the columns' products

  private LeastSquares(double[] coefficients, double[][] inverse) {
    this.coefficients = coefficients;
    this.inverse = inverse;
  }

  /**
   * Fits.
   *
   * @param columns each of as many values as there are targets
   * @return null where columns depend on each other
   */
  static @Nullable LeastSquares of(double[][] columns, double[] targets) {
    int n = columns.length;
    double[][] products = new double[n][2 * n];
    double[] right = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        products[i][j] = product(columns[i], columns[j]);
      }
      products[i][n + i] = 1;
      right[i] = product(columns[i], targets);
    }
    for (int i = 0; i < n; i++) {
      double square = product(columns[i], columns[i]);
      if (!(products[i][i] > SINGULAR * square)) { // positive definite, so pivots need no search
        return null;
      }
      double pivot = products[i][i];
      for (int j = 0; j < 2 * n; j++) {
        products[i][j] /= pivot;
      }
      for (int k = 0; k < n; k++) {
        double factor = products[k][i];
        if (k != i) {
          for (int j = 0; j < 2 * n; j++) {
            products[k][j] -= factor * products[i][j];
          }
        }
      }
    }
    double[][] inverse = new double[n][n];
    double[] coefficients = new double[n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(products[i], n, inverse[i], 0, n);
      coefficients[i] = product(inverse[i], right);
    }
    return new LeastSquares(coefficients, inverse);
  }

  double coefficient(int column) {
    return coefficients[column];
  }

  /** Sum of squared residuals. */
  double squares(double[][] columns, double[] targets) {
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      double left = targets[i];
      for (int c = 0; c < columns.length; c++) {
        left -= coefficients[c] * columns[c][i];
      }
      sum += left * left;
    }
    return sum;
  }

  /** Standard error of a coefficient. @param variance of a target's error */
  double error(int column, double variance) {
    return Math.sqrt(variance * inverse[column][column]);
  }

  static double product(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }
}
