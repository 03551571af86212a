package ai.dmt.conflict;

import java.util.ArrayList;
import java.util.List;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/** Ordinary least squares; columns that others hold already change nothing. */
final class LinearFit {
  private static final double SINGULAR = 1e-9; // of the largest singular value

  private LinearFit() {}

  /** Weights of the columns. */
  static double[] weights(List<double[]> columns, double[] y) {
    if (columns.isEmpty()) {
      return new double[0];
    }
    SingularValueDecomposition parts = new SingularValueDecomposition(matrix(columns));
    double[] values = parts.getSingularValues();
    RealMatrix u = parts.getU();
    RealMatrix v = parts.getV();
    double[] weights = new double[columns.size()];
    for (int k = 0; k < values.length; k++) {
      if (values[k] > SINGULAR * values[0]) {
        double along = 0;
        for (int i = 0; i < y.length; i++) {
          along += u.getEntry(i, k) * y[i];
        }
        for (int c = 0; c < weights.length; c++) {
          weights[c] += v.getEntry(c, k) * along / values[k];
        }
      }
    }
    return weights;
  }

  /** Orthonormal vectors that span the columns. */
  static List<double[]> basis(List<double[]> columns) {
    List<double[]> basis = new ArrayList<>();
    SingularValueDecomposition parts = new SingularValueDecomposition(matrix(columns));
    double[] values = parts.getSingularValues();
    for (int k = 0; k < values.length; k++) {
      if (values[k] > SINGULAR * values[0]) {
        basis.add(parts.getU().getColumn(k));
      }
    }
    return basis;
  }

  /** What lies along no vector of a basis. */
  static double[] residuals(List<double[]> basis, double[] y) {
    double[] left = y.clone();
    for (double[] vector : basis) {
      double along = 0;
      for (int i = 0; i < y.length; i++) {
        along += vector[i] * y[i];
      }
      for (int i = 0; i < y.length; i++) {
        left[i] -= along * vector[i];
      }
    }
    return left;
  }

  /**
   * Sum of squared errors of predicting each row from all others: what a fit to all leaves of it,
   * over one less its own weight in that fit. NaN where some row alone decides a weight.
   */
  static double leaveOneOut(List<double[]> columns, double[] y) {
    List<double[]> basis = basis(columns);
    double[] left = residuals(basis, y);
    double squares = 0;
    for (int i = 0; i < y.length; i++) {
      double others = 1;
      for (double[] vector : basis) {
        others -= vector[i] * vector[i];
      }
      squares += others > SINGULAR ? Math.pow(left[i] / others, 2) : Double.NaN;
    }
    return squares;
  }

  private static RealMatrix matrix(List<double[]> columns) {
    RealMatrix matrix = MatrixUtils.createRealMatrix(columns.get(0).length, columns.size());
    for (int c = 0; c < columns.size(); c++) {
      matrix.setColumn(c, columns.get(c));
    }
    return matrix;
  }
}
