package ai.dmt.representation;

import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/** Rows of numbers, and what follows from them. There are fewer rows than columns, mostly. */
final class Points {
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

  /** Inner products of all rows with all rows: [rows, rows]. */
  static RealMatrix gram(double[][] rows) {
    RealMatrix matrix = MatrixUtils.createRealMatrix(rows);
    return matrix.multiplyTransposed(matrix);
  }
}
