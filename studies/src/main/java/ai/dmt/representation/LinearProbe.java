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
 * What a linear classifier tells of queries by their states: ridge regression on one-hot classes,
 * cross-validated. What is costly depends on the states alone, so that many sets of classes can be
 * tried on the same states.
 */
final class LinearProbe {
  private static final int FOLDS = 5;
  private static final double RIDGE = 1e-2; // of the mean squared length of a state
  private static final double LEAST_RIDGE = 1e-9;

  private final double[][] states;
  private final List<Split> splits;

  /** Rows to learn from and rows to tell, and the solver for the former. */
  private record Split(int[] train, int[] test, double[] mean, DecompositionSolver solver) {}

  private LinearProbe(double[][] states, int[] fold, int folds) {
    this.states = states;
    this.splits = new ArrayList<>();
    for (int held = 0; held < folds; held++) {
      splits.add(split(states, fold, held));
    }
  }

  /**
   * For cross-validation.
   *
   * @param rows states of the queries
   * @param strata from 0, of each row; each is spread over all folds
   * @param seed of the folds
   */
  static LinearProbe crossValidated(double[][] rows, int[] strata, long seed) {
    return new LinearProbe(Points.compact(rows), folds(strata, seed), FOLDS);
  }

  /** For learning from some rows alone and telling the others. */
  static LinearProbe across(double[][] rows, boolean[] told) {
    int[] fold = new int[rows.length];
    for (int r = 0; r < fold.length; r++) {
      fold[r] = told[r] ? 0 : 1;
    }
    return new LinearProbe(Points.compact(rows), fold, 1);
  }

  /**
   * Which class each row is told to be while it is held out; -1 for a row that never is.
   *
   * @param classes from 0, of each row; those of rows that are told are not looked at
   */
  int[] tell(int[] classes) {
    int[] told = new int[classes.length];
    Arrays.fill(told, -1);
    for (Split split : splits) {
      tell(split, classes, told);
    }
    return told;
  }

  /** Share of rows that are told right. */
  double accuracy(int[] classes) {
    int[] told = tell(classes);
    int right = 0;
    for (int r = 0; r < told.length; r++) {
      right += told[r] == classes[r] ? 1 : 0;
    }
    return (double) right / told.length;
  }

  private void tell(Split split, int[] classes, int[] told) {
    int count = Arrays.stream(classes).max().orElse(0) + 1;
    double[] shares = new double[count];
    for (int r : split.train()) {
      shares[classes[r]] += 1.0 / split.train().length;
    }
    double[][] products = new double[states[0].length][count];
    for (int r : split.train()) {
      for (int c = 0; c < products.length; c++) {
        products[c][classes[r]] += states[r][c] - split.mean()[c];
      }
    }
    double[][] weights =
        split.solver().solve(MatrixUtils.createRealMatrix(products)).transpose().getData();
    for (int r : split.test()) {
      double best = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < count; k++) {
        double score = shares[k];
        for (int c = 0; c < products.length; c++) {
          score += (states[r][c] - split.mean()[c]) * weights[k][c];
        }
        if (score > best) {
          best = score;
          told[r] = k;
        }
      }
    }
  }

  private static Split split(double[][] states, int[] fold, int held) {
    int[] train = rows(fold, each -> each != held);
    double[] mean = new double[states[0].length];
    for (int r : train) {
      for (int c = 0; c < mean.length; c++) {
        mean[c] += states[r][c] / train.length;
      }
    }
    double[][] columns = new double[mean.length][train.length];
    for (int i = 0; i < train.length; i++) {
      for (int c = 0; c < mean.length; c++) {
        columns[c][i] = states[train[i]][c] - mean[c];
      }
    }
    RealMatrix system = MatrixUtils.createRealMatrix(Points.gram(columns));
    double ridge = Math.max(LEAST_RIDGE, RIDGE * system.getTrace() / train.length);
    for (int c = 0; c < mean.length; c++) {
      system.addToEntry(c, c, ridge);
    }
    DecompositionSolver solver = new CholeskyDecomposition(system).getSolver();
    return new Split(train, rows(fold, each -> each == held), mean, solver);
  }

  private static int[] rows(int[] fold, java.util.function.IntPredicate wanted) {
    List<Integer> rows = new ArrayList<>();
    for (int r = 0; r < fold.length; r++) {
      if (wanted.test(fold[r])) {
        rows.add(r);
      }
    }
    return rows.stream().mapToInt(Integer::intValue).toArray();
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
