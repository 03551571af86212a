package ai.dmt.advise;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealVector;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * What RegMix (arXiv 2407.01492) would choose: small runs of shares that are drawn at random, a
 * regression of each loss on the shares, and the mixture in one stage that it likes best. A line
 * would always choose a source alone, so products of two shares are among the regressors.
 */
final class RegMix {
  private static final double SIZE = 0.25; // of its runs, beside a whole one

  private final MixtureSpace space;
  private final List<String> sources;
  private final List<MixturePlan> plans = new ArrayList<>();

  /**
   * Draws its runs.
   *
   * @param budget in whole runs
   * @param seed of the draw
   */
  RegMix(MixtureSpace space, double budget, long seed) {
    this.space = space;
    this.sources = List.copyOf(space.sources().keySet());
    Random random = new Random(seed);
    for (int run = 0; run < (int) (budget / SIZE); run++) {
      Map<String, Double> shares = new LinkedHashMap<>();
      double sum = 0;
      for (String source : sources) {
        double drawn = -Math.log(1 - random.nextDouble()); // Dirichlet(1, ..., 1)
        shares.put(source, drawn);
        sum += drawn;
      }
      double all = sum;
      shares.replaceAll((source, drawn) -> drawn / all);
      plans.add(space.plan(shares).scaled(SIZE));
    }
  }

  /** What it trains. */
  List<MixturePlan> plans() {
    return plans;
  }

  /**
   * The candidate that it chooses.
   *
   * @param runs of its plans
   */
  MixturePlan choice(Objective objective, List<MeasuredRun> runs, List<MixturePlan> candidates) {
    SingularValueDecomposition columns =
        new SingularValueDecomposition(
            new Array2DRowRealMatrix(
                runs.stream().map(run -> regressors(run.plan())).toArray(double[][]::new)));
    Map<String, RealVector> weights = new LinkedHashMap<>();
    for (String ability : runs.get(0).heldOut().keySet()) {
      double[] losses = runs.stream().mapToDouble(run -> run.logLoss(ability)).toArray();
      weights.put(ability, columns.getSolver().solve(new ArrayRealVector(losses)));
    }
    MixturePlan best = space.proportional();
    double least = Double.POSITIVE_INFINITY;
    for (MixturePlan plan : candidates) {
      if (!plan.hasTwoStages()) {
        RealVector row = new ArrayRealVector(regressors(plan));
        Map<String, Double> losses = new LinkedHashMap<>();
        weights.forEach((ability, each) -> losses.put(ability, row.dotProduct(each)));
        double value = objective.of(losses);
        if (value < least) {
          least = value;
          best = plan;
        }
      }
    }
    return best;
  }

  /** Shares, which sum to 1 and so hold the constant, and their products. */
  private double[] regressors(MixturePlan plan) {
    int n = sources.size();
    double[] row = new double[n + n * (n - 1) / 2];
    int next = 0;
    for (int one = 0; one < n; one++) {
      row[next++] = plan.share(sources.get(one));
      for (int other = 0; other < one; other++) {
        row[next++] = plan.share(sources.get(one)) * plan.share(sources.get(other));
      }
    }
    return row;
  }
}
