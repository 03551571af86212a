package ai.dmt.representation;

import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.MatrixUtils;

/**
 * The first two principal components, by the eigenvectors of the rows' covariance.
 *
 * @param places [rows][2]
 * @param shares of the variance that the two explain, in [0, 1]
 */
record Pca(double[][] places, double[] shares) {
  private static final int COMPONENTS = 2;

  static Pca of(double[][] rows) {
    double[][] compact = Points.compact(rows);
    double[][] covariance = Points.gram(Points.transposed(compact));
    EigenDecompositionSymmetric eigen =
        new EigenDecompositionSymmetric(MatrixUtils.createRealMatrix(covariance));
    double[] values = eigen.getEigenvalues(); // falling
    double all = 0;
    for (double value : values) {
      all += Math.max(0, value);
    }
    double[][] places = new double[rows.length][COMPONENTS];
    double[] shares = new double[COMPONENTS];
    for (int c = 0; c < Math.min(COMPONENTS, values.length); c++) {
      shares[c] = all == 0 ? 0 : Math.max(0, values[c]) / all;
      double[] axis = eigen.getEigenvector(c).toArray();
      for (int r = 0; r < rows.length; r++) {
        places[r][c] = Points.product(compact[r], axis);
      }
    }
    return new Pca(places, shares);
  }
}
