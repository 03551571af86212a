package ai.dmt.advise;

import java.util.ArrayList;
import java.util.List;

/**
 * A law's test on the runs that it was fitted to: each is predicted from all others.
 *
 * @param ability whose held-out loss is predicted
 * @param tests of the runs, in their order
 */
public record Backtest(String ability, List<Test> tests) {
  /** Share of what runs differ by that a law must explain, to be used. */
  private static final double LEAST_EXPLAINED = 0.5;

  /** Share of intervals that hold what is measured. */
  static final double LEVEL = 0.9;

  /** Deviations of a normal distribution that hold as many. */
  private static final double OF_NORMAL = 1.645;

  /**
   * Copies the list.
   *
   * @param ability whose held-out loss is predicted
   * @param tests of the runs, in their order
   */
  public Backtest {
    tests = List.copyOf(tests);
  }

  /**
   * One run.
   *
   * @param plan what was trained on
   * @param measured logarithm of its held-out loss
   * @param predicted the same by the law, fitted to the other runs
   * @param deviation that the law gives, of a run
   * @param naive mean of the other runs
   */
  public record Test(
      MixturePlan plan, double measured, double predicted, double deviation, double naive) {
    double off() {
      return Math.abs(measured - predicted) / deviation;
    }
  }

  static Backtest of(LossModel model, List<MeasuredRun> runs) {
    String ability = model.law().ability();
    List<Test> tests = new ArrayList<>();
    double sum = runs.stream().mapToDouble(run -> run.logLoss(ability)).sum();
    for (int run = 0; run < runs.size(); run++) {
      MeasuredRun left = runs.get(run);
      LossModel.Forecast forecast = model.without(run).forecast(left.plan());
      double measured = left.logLoss(ability);
      double naive = (sum - measured) / (runs.size() - 1);
      tests.add(new Test(left.plan(), measured, forecast.mean(), forecast.deviation(), naive));
    }
    return new Backtest(ability, tests);
  }

  /** {@return root mean square of how far predictions are off, in logarithms of losses} */
  public double error() {
    return Math.sqrt(
        tests.stream()
            .mapToDouble(test -> Math.pow(test.measured() - test.predicted(), 2))
            .average()
            .orElseThrow());
  }

  /** {@return share of the variance around the mean of other runs that the law explains} */
  public double explained() {
    double law = 0;
    double mean = 0;
    for (Test test : tests) {
      law += Math.pow(test.measured() - test.predicted(), 2);
      mean += Math.pow(test.measured() - test.naive(), 2);
    }
    return mean == 0 ? 0 : 1 - law / mean;
  }

  /** {@return whether the law may be used} */
  public boolean holds() {
    return explained() >= LEAST_EXPLAINED;
  }

  /**
   * Half the width of an interval in the law's deviations: as many as hold {@link #LEVEL} of the
   * runs, and no fewer than the law itself asks for, since a few runs may be well predicted by
   * luck. One run more, as conformal prediction takes it, were the largest of all where there are
   * fewer than twenty: whole candidates, which lie among the runs, are easier to predict.
   */
  double deviations() {
    double[] sorted = tests.stream().mapToDouble(Test::off).sorted().toArray();
    return Math.max(sorted[(int) Math.ceil(sorted.length * LEVEL) - 1], OF_NORMAL);
  }
}
