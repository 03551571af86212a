package ai.dmt.representation;

import org.hipparchus.linear.EigenDecompositionSymmetric;

/**
 * The first two principal components, by the eigenvectors of the Gram matrix.
 *
 * @param places [rows][2]
 * @param shares of the variance that the two explain, in [0, 1]
 */
record Pca(double[][] places, double[] shares) {
  private static final int COMPONENTS = 2;

  static Pca of(double[][] rows) {
    EigenDecompositionSymmetric eigen =
        new EigenDecompositionSymmetric(Points.gram(Points.centred(rows)));
    double[] values = eigen.getEigenvalues(); // falling
    double all = 0;
    for (double value : values) {
      all += Math.max(0, value);
    }
    double[][] places = new double[rows.length][COMPONENTS];
    double[] shares = new double[COMPONENTS];
    for (int c = 0; c < COMPONENTS; c++) {
      double size = Math.sqrt(Math.max(0, values[c]));
      shares[c] = all == 0 ? 0 : Math.max(0, values[c]) / all;
      for (int r = 0; r < rows.length; r++) {
        places[r][c] = size * eigen.getEigenvector(c).getEntry(r);
      }
    }
    return new Pca(places, shares);
  }
}
