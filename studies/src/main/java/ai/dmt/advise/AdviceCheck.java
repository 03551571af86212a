package ai.dmt.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * How good advice was: all candidates are trained, too, and what was advised is compared with the
 * best of them, beside what others would have chosen.
 */
public final class AdviceCheck {
  private static final double PROXY = 0.25; // size of RegMix's small runs

  private AdviceCheck() {}

  /**
   * What was found.
   *
   * @param regrets by who chose: how much higher the objective is than the best candidate's, a
   *     difference of logarithms of losses
   * @param coverage share of candidates that were not run whose loss lay in its interval, by
   *     ability
   * @param cost of advice, as a share of training all candidates
   * @param candidates how many there are
   * @param best the candidate with the lowest measured objective
   * @param all what the runs of all candidates say
   */
  public record Result(
      Map<String, Double> regrets,
      Map<String, Double> coverage,
      double cost,
      int candidates,
      MixturePlan best,
      Forecasts all) {}

  static Result of(Advice advice, Mixtures mixtures, double budget, long seed)
      throws IOException, InterruptedException {
    MixtureSpace space = advice.space();
    List<MixturePlan> candidates = space.candidates();
    List<MixturePlan> proxies = proxies(space, budget, seed);
    Set<MixturePlan> all = new LinkedHashSet<>(candidates);
    all.addAll(proxies);
    Map<MixturePlan, MeasuredRun> runs = new LinkedHashMap<>();
    mixtures.train(all).forEach(run -> runs.put(run.plan(), run));
    Map<MixturePlan, Double> values = new LinkedHashMap<>();
    for (MixturePlan candidate : candidates) {
      values.put(candidate, advice.objective().of(logLosses(space, Present.in(runs, candidate))));
    }
    MixturePlan best =
        values.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
    double least = Present.in(values, best);
    Map<String, Double> regrets = new LinkedHashMap<>();
    regrets.put("advice", Present.in(values, advice.recommended()) - least);
    regrets.put("proportional", Present.in(values, space.proportional()) - least);
    List<MixturePlan> baselines = space.baselines();
    if (baselines.size() > 1) {
      regrets.put("dmt k=1/256", Present.in(values, baselines.get(1)) - least);
    }
    MixturePlan regressed =
        regMix(advice.objective(), space, proxies.stream().map(runs::get).toList(), candidates);
    regrets.put("RegMix", Present.in(values, regressed) - least);
    regrets.put(
        "random",
        values.values().stream().mapToDouble(value -> value - least).average().orElseThrow());
    Map<String, Double> coverage = new LinkedHashMap<>();
    for (String ability : space.sources().keySet()) {
      coverage.put(ability, covered(advice.forecasts(), ability, candidates, runs));
    }
    return new Result(
        regrets,
        coverage,
        advice.cost() / candidates.size(),
        candidates.size(),
        best,
        Forecasts.of(space, mixtures.base(), candidates.stream().map(runs::get).toList()));
  }

  private static Map<String, Double> logLosses(MixtureSpace space, MeasuredRun run) {
    Map<String, Double> losses = new LinkedHashMap<>();
    space.sources().keySet().forEach(source -> losses.put(source, run.logLoss(source)));
    return losses;
  }

  private static double covered(
      Forecasts forecasts,
      String ability,
      List<MixturePlan> candidates,
      Map<MixturePlan, MeasuredRun> runs) {
    int held = 0;
    int all = 0;
    for (MixturePlan plan : candidates) {
      if (!forecasts.isMeasured(plan)) {
        LossForecast forecast = forecasts.loss(ability, plan);
        double loss = Present.in(Present.in(runs, plan).heldOut(), ability);
        held += loss >= forecast.low() && loss <= forecast.high() ? 1 : 0;
        all++;
      }
    }
    return all == 0 ? Double.NaN : (double) held / all;
  }

  /** RegMix's runs (arXiv 2407.01492): small, of shares drawn at random, for the same budget. */
  private static List<MixturePlan> proxies(MixtureSpace space, double budget, long seed) {
    Random random = new Random(seed);
    List<MixturePlan> proxies = new ArrayList<>();
    for (int run = 0; run < (int) (budget / PROXY); run++) {
      Map<String, Double> shares = new LinkedHashMap<>();
      double sum = 0;
      for (String source : space.sources().keySet()) {
        double drawn = -Math.log(1 - random.nextDouble()); // Dirichlet(1, ..., 1)
        shares.put(source, drawn);
        sum += drawn;
      }
      double all = sum;
      shares.replaceAll((source, drawn) -> drawn / all);
      proxies.add(space.plan(shares).scaled(PROXY));
    }
    return proxies;
  }

  /**
   * A linear regression of each loss on the shares, and the candidate in one stage that it likes.
   */
  private static MixturePlan regMix(
      Objective objective,
      MixtureSpace space,
      List<MeasuredRun> runs,
      List<MixturePlan> candidates) {
    List<String> sources = List.copyOf(space.sources().keySet());
    Map<String, double[]> weights = new LinkedHashMap<>();
    for (String ability : sources) {
      double[][] rows = runs.stream().map(run -> row(run.plan(), sources)).toArray(double[][]::new);
      double[] losses = runs.stream().mapToDouble(run -> run.logLoss(ability)).toArray();
      RealMatrix columns = new Array2DRowRealMatrix(rows);
      RealMatrix squares =
          columns
              .transposeMultiply(columns)
              .add(
                  MatrixUtils.createRealIdentityMatrix(products(sources.size()))
                      .scalarMultiply(1e-6));
      weights.put(
          ability,
          new CholeskyDecomposition(squares)
              .getSolver()
              .solve(columns.transpose().operate(new ArrayRealVector(losses)))
              .toArray());
    }
    MixturePlan best = space.proportional();
    double least = Double.POSITIVE_INFINITY;
    for (MixturePlan plan : candidates) {
      if (!plan.hasTwoStages()) {
        double[] row = row(plan, sources);
        Map<String, Double> losses = new LinkedHashMap<>();
        weights.forEach((ability, each) -> losses.put(ability, product(row, each)));
        double value = objective.of(losses);
        if (value < least) {
          least = value;
          best = plan;
        }
      }
    }
    return best;
  }

  private static double[] row(MixturePlan plan, List<String> sources) {
    int n = sources.size();
    double[] row = new double[products(n)];
    int next = 0;
    for (int one = 0; one < n; one++) {
      row[next++] = plan.share(sources.get(one)); // they sum to 1: the constant
      for (int other = 0; other < one; other++) {
        row[next++] = plan.share(sources.get(one)) * plan.share(sources.get(other));
      }
    }
    return row;
  }

  private static int products(int sources) {
    return sources + sources * (sources - 1) / 2;
  }

  private static double product(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }
}
