package ai.dmt.representation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.DecompositionSolver;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * How well a linear classifier tells the sources of queries by their states: ridge regression on
 * one-hot classes, in its dual form, cross-validated.
 */
final class LinearProbe {
  private static final int FOLDS = 5;
  private static final double RIDGE = 1e-2; // of the mean squared length of a state
  private static final double LEAST_RIDGE = 1e-9;

  private LinearProbe() {}

  /**
   * Share of rows whose class is told right while they are held out.
   *
   * @param classes from 0, of each row
   * @param seed of the folds; each class is spread over all of them
   */
  static double accuracy(double[][] rows, int[] classes, long seed) {
    int[] fold = folds(classes, seed);
    int right = 0;
    for (int held = 0; held < FOLDS; held++) {
      List<Integer> train = new ArrayList<>();
      List<Integer> test = new ArrayList<>();
      for (int r = 0; r < rows.length; r++) {
        (fold[r] == held ? test : train).add(r);
      }
      right += right(rows, classes, train, test);
    }
    return (double) right / rows.length;
  }

  private static int right(
      double[][] rows, int[] classes, List<Integer> train, List<Integer> test) {
    double[] mean = new double[rows[0].length];
    for (int r : train) {
      for (int c = 0; c < mean.length; c++) {
        mean[c] += rows[r][c] / train.size();
      }
    }
    RealMatrix seen = centred(rows, train, mean);
    RealMatrix gram = seen.multiplyTransposed(seen);
    double ridge = Math.max(LEAST_RIDGE, RIDGE * gram.getTrace() / train.size());
    RealMatrix system =
        gram.add(MatrixUtils.createRealIdentityMatrix(train.size()).scalarMultiply(ridge));
    DecompositionSolver solver = new CholeskyDecomposition(system).getSolver();
    int count = Arrays.stream(classes).max().orElse(0) + 1;
    double[][] targets = new double[train.size()][count];
    double[] shares = new double[count];
    for (int i = 0; i < train.size(); i++) {
      targets[i][classes[train.get(i)]] = 1;
      shares[classes[train.get(i)]] += 1.0 / train.size();
    }
    for (double[] target : targets) {
      for (int k = 0; k < count; k++) {
        target[k] -= shares[k];
      }
    }
    RealMatrix weights = solver.solve(MatrixUtils.createRealMatrix(targets));
    RealMatrix scores = centred(rows, test, mean).multiplyTransposed(seen).multiply(weights);
    int right = 0;
    for (int i = 0; i < test.size(); i++) {
      int best = 0;
      for (int k = 1; k < count; k++) {
        double score = scores.getEntry(i, k) + shares[k];
        best = score > scores.getEntry(i, best) + shares[best] ? k : best;
      }
      right += best == classes[test.get(i)] ? 1 : 0;
    }
    return right;
  }

  private static RealMatrix centred(double[][] rows, List<Integer> chosen, double[] mean) {
    double[][] centred = new double[chosen.size()][mean.length];
    for (int i = 0; i < centred.length; i++) {
      for (int c = 0; c < mean.length; c++) {
        centred[i][c] = rows[chosen.get(i)][c] - mean[c];
      }
    }
    return MatrixUtils.createRealMatrix(centred);
  }

  private static int[] folds(int[] classes, long seed) {
    List<Integer> order = new ArrayList<>();
    for (int r = 0; r < classes.length; r++) {
      order.add(r);
    }
    Collections.shuffle(order, new Random(seed));
    int[] fold = new int[classes.length];
    int[] seen = new int[Arrays.stream(classes).max().orElse(0) + 1];
    for (int r : order) {
      fold[r] = seen[classes[r]]++ % FOLDS;
    }
    return fold;
  }
}
