package ai.dmt.representation;

/**
 * Linear centred kernel alignment (Kornblith et al., 2019): how alike two sets of states of the
 * same queries are, whatever their rotation and scale; 1 for the same.
 */
final class Cka {
  private Cka() {}

  /** Of two sets of rows in the same order; NaN where one of them does not vary. */
  static double of(double[][] one, double[][] other) {
    return between(Points.gram(Points.centred(one)), Points.gram(Points.centred(other)));
  }

  /** Of every pair of several sets of rows. */
  static double[][] matrix(double[][][] sets) {
    double[][][] grams = new double[sets.length][][];
    double[][] matrix = new double[sets.length][sets.length];
    for (int s = 0; s < sets.length; s++) {
      grams[s] = Points.gram(Points.centred(sets[s]));
      for (int other = 0; other <= s; other++) {
        matrix[s][other] = between(grams[s], grams[other]);
        matrix[other][s] = matrix[s][other];
      }
    }
    return matrix;
  }

  private static double between(double[][] first, double[][] second) {
    return product(first, second) / Math.sqrt(product(first, first) * product(second, second));
  }

  private static double product(double[][] one, double[][] other) {
    double sum = 0;
    for (int r = 0; r < one.length; r++) {
      sum += Points.product(one[r], other[r]);
    }
    return sum;
  }
}
