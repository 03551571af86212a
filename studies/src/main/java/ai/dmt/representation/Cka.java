package ai.dmt.representation;

import org.hipparchus.linear.RealMatrix;

/**
 * Linear centred kernel alignment (Kornblith et al., 2019): how alike two sets of states of the
 * same queries are, whatever their rotation and scale; 1 for the same.
 */
final class Cka {
  private Cka() {}

  /** Of two sets of rows in the same order; NaN where one of them does not vary. */
  static double of(double[][] one, double[][] other) {
    RealMatrix first = Points.gram(Points.centred(one));
    RealMatrix second = Points.gram(Points.centred(other));
    return product(first, second) / Math.sqrt(product(first, first) * product(second, second));
  }

  private static double product(RealMatrix one, RealMatrix other) {
    double sum = 0;
    for (int r = 0; r < one.getRowDimension(); r++) {
      for (int c = 0; c < one.getColumnDimension(); c++) {
        sum += one.getEntry(r, c) * other.getEntry(r, c);
      }
    }
    return sum;
  }
}
