package ai.dmt.representation;

/** Rows of numbers, and what follows from them. */
final class Points {
  /** Of the largest squared length: what is smaller adds nothing to a Cholesky factor. */
  private static final double NOTHING = 1e-12;

  private Points() {}

  /** The same rows around their mean. */
  static double[][] centred(double[][] rows) {
    int columns = rows[0].length;
    double[] mean = new double[columns];
    for (double[] row : rows) {
      for (int c = 0; c < columns; c++) {
        mean[c] += row[c] / rows.length;
      }
    }
    double[][] centred = new double[rows.length][columns];
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < columns; c++) {
        centred[r][c] = rows[r][c] - mean[c];
      }
    }
    return centred;
  }

  /** Inner products of all rows with all rows: [rows][rows]. */
  static double[][] gram(double[][] rows) {
    double[][] gram = new double[rows.length][rows.length];
    for (int r = 0; r < rows.length; r++) {
      for (int other = 0; other <= r; other++) {
        gram[r][other] = product(rows[r], rows[other]);
        gram[other][r] = gram[r][other];
      }
    }
    return gram;
  }

  /** Inner product of two rows of equal length. */
  static double product(double[] one, double[] other) {
    double sum = 0;
    for (int c = 0; c < one.length; c++) {
      sum += one[c] * other[c];
    }
    return sum;
  }

  static double[][] transposed(double[][] rows) {
    double[][] columns = new double[rows[0].length][rows.length];
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < columns.length; c++) {
        columns[c][r] = rows[r][c];
      }
    }
    return columns;
  }

  /**
   * Centred rows with as many columns as there are rows at most, and the same inner products: a
   * state of a large model has thousands of columns, and a hundred queries span no more than a
   * hundred of them.
   */
  static double[][] compact(double[][] rows) {
    double[][] centred = centred(rows);
    return centred[0].length <= centred.length ? centred : factor(gram(centred));
  }

  /** Cholesky factor of a matrix that may be singular: columns of nothing are zero. */
  private static double[][] factor(double[][] gram) {
    int n = gram.length;
    double[][] lower = new double[n][n];
    double largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, gram[i][i]);
    }
    for (int c = 0; c < n; c++) {
      double pivot = gram[c][c] - product(lower[c], lower[c]);
      if (pivot <= NOTHING * largest) {
        continue;
      }
      lower[c][c] = Math.sqrt(pivot);
      for (int r = c + 1; r < n; r++) {
        lower[r][c] = (gram[r][c] - product(lower[r], lower[c])) / lower[c][c];
      }
    }
    return lower;
  }
}
