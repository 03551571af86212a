package ai.dmt.representation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What follows from hidden states, on points whose structure is known. */
class RepresentationTest {
  private static final int SIZE = 20;
  private static final int CLASSES = 3;
  private static final int OF_A_CLASS = 30;

  private final int[] classes = new int[CLASSES * OF_A_CLASS];

  /** Clouds of width 1 around centres that are so far apart. */
  private double[][] clouds(double distance) {
    Random random = new Random(5);
    double[][] rows = new double[classes.length][SIZE];
    for (int r = 0; r < rows.length; r++) {
      classes[r] = r % CLASSES;
      for (int c = 0; c < SIZE; c++) {
        rows[r][c] = random.nextGaussian() + (c == classes[r] ? distance : 0);
      }
    }
    return rows;
  }

  @Test
  void pcaFindsTheAxesOfAnEllipse() {
    Random random = new Random(1);
    double[][] rows = new double[400][3];
    for (double[] row : rows) {
      double wide = 3 * random.nextGaussian();
      double narrow = random.nextGaussian();
      row[0] = 5 + (wide + narrow) / Math.sqrt(2);
      row[1] = -7 + (wide - narrow) / Math.sqrt(2);
    }
    Pca pca = Pca.of(rows);
    assertEquals(0.9, pca.shares()[0], 0.02);
    assertEquals(1, pca.shares()[0] + pca.shares()[1], 1e-9);
    double first = (rows[0][0] - rows[1][0] + rows[0][1] - rows[1][1]) / Math.sqrt(2);
    assertEquals(Math.abs(first), Math.abs(pca.places()[0][0] - pca.places()[1][0]), 0.3);
  }

  @Test
  void tSneKeepsNeighboursTogetherAndIsTheSameAgain() {
    double[][] rows = clouds(12);
    double[][] places = TSne.of(rows, 20, 3);
    int nearest = 0;
    for (int i = 0; i < places.length; i++) {
      int best = -1;
      for (int j = 0; j < places.length; j++) {
        boolean nearer =
            best < 0 || distance(places[i], places[j]) < distance(places[i], places[best]);
        best = j != i && nearer ? j : best;
      }
      nearest += classes[i] == classes[best] ? 1 : 0;
    }
    assertEquals(places.length, nearest, "every point's neighbour is of its cloud");
    assertTrue(Arrays.stream(places).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite));
    assertArrayEquals(places, TSne.of(rows, 20, 3));
  }

  private static double distance(double[] one, double[] other) {
    return Math.hypot(one[0] - other[0], one[1] - other[1]);
  }

  @Test
  void aProbeTellsWhatCanBeToldAndNoMore() {
    assertEquals(1, accuracy(12));
    double chance = accuracy(0);
    assertTrue(chance > 0.15 && chance < 0.52, "three equal clouds: " + chance);
    double some = accuracy(2);
    assertTrue(some > 0.6 && some < 0.95, "clouds that overlap: " + some);
  }

  private double accuracy(double distance) {
    double[][] rows = clouds(distance);
    return LinearProbe.crossValidated(rows, classes, 1).accuracy(classes);
  }

  /** A state of a large model has more columns than there are queries. */
  @Test
  void fewRowsOfManyColumnsAreToldAsWellInFewerColumns() {
    double[][] rows = clouds(3);
    double[][] wide = new double[rows.length][5 * rows.length];
    Random random = new Random(2);
    double[][] turn = new double[SIZE][wide[0].length];
    for (double[] axis : turn) {
      Arrays.setAll(axis, c -> random.nextGaussian());
    }
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < wide[r].length; c++) {
        for (int k = 0; k < SIZE; k++) {
          wide[r][c] += rows[r][k] * turn[k][c];
        }
      }
    }
    double[][] compact = Points.compact(wide);
    assertEquals(rows.length, compact[0].length);
    double[][] expected = Points.gram(Points.centred(wide));
    double[][] gram = Points.gram(compact);
    for (int r = 0; r < rows.length; r++) {
      assertArrayEquals(expected[r], gram[r], 1e-6 * expected[0][0]);
    }
    assertEquals(1, Cka.of(wide, compact), 1e-6);
  }

  @Test
  void ckaSeesNeitherRotationNorScale() {
    double[][] rows = clouds(3);
    double[][] turned = new double[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      turned[r] = rows[r].clone();
      turned[r][0] = 7 * (0.6 * rows[r][0] - 0.8 * rows[r][1]) + 100;
      turned[r][1] = 7 * (0.8 * rows[r][0] + 0.6 * rows[r][1]);
      for (int c = 2; c < SIZE; c++) {
        turned[r][c] *= 7;
      }
    }
    assertEquals(1, Cka.of(rows, turned), 1e-9);
    Random random = new Random(9);
    double[][] other = new double[rows.length][2];
    for (double[] row : other) {
      Arrays.setAll(row, c -> random.nextGaussian());
    }
    assertTrue(Cka.of(rows, other) < 0.3);
  }

  /** By hand: rows 1, 2, 3 against 1, 0, -1 and against 1, 4, 9; one column each, so r squared. */
  @Test
  void ckaOfOneColumnIsTheSquareOfTheCorrelation() {
    double[][] x = {{1}, {2}, {3}};
    assertEquals(1, Cka.of(x, new double[][] {{1}, {0}, {-1}}), 1e-12);
    double r = 8 / Math.sqrt(2 * 98 / 3.0);
    assertEquals(r * r, Cka.of(x, new double[][] {{1}, {4}, {9}}), 1e-12);
  }
}
