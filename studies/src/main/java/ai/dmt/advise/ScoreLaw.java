package ai.dmt.advise;

import ai.dmt.study.AbilityScore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.TDistribution;
import org.hipparchus.stat.regression.SimpleRegression;

/**
 * A benchmark's score as the held-out loss of its source foretells it: log-odds of the score on a
 * line over the logarithm of the loss, fitted to the runs that were scored. Where the loss itself
 * is predicted, what is not known of it is added to what the line leaves open; and so is the chance
 * of a benchmark's few problems, which makes intervals rather too wide than too narrow.
 */
public final class ScoreLaw {
  /** Share of what runs differ by that the line must explain, to be used. */
  private static final double LEAST_EXPLAINED = 0.5;

  private static final int LEAST_RUNS = 6;

  private final AbilityScore kind; // any run's, for title and unit
  private final List<Point> points;
  private final SimpleRegression line = new SimpleRegression();

  /** A run: logarithm of its loss, log-odds of its score. */
  private record Point(double loss, double score) {}

  private ScoreLaw(AbilityScore kind, List<Point> points) {
    this.kind = kind;
    this.points = points;
    points.forEach(point -> line.addData(point.loss(), point.score()));
  }

  /** One for each score that the runs have, by title. */
  static Map<String, ScoreLaw> of(List<MeasuredRun> runs) {
    Map<String, List<MeasuredRun>> byTitle = new LinkedHashMap<>();
    for (MeasuredRun run : runs) {
      run.scores()
          .forEach(
              score -> byTitle.computeIfAbsent(score.title(), title -> new ArrayList<>()).add(run));
    }
    Map<String, ScoreLaw> laws = new LinkedHashMap<>();
    byTitle.forEach(
        (title, scored) -> {
          List<Point> points = new ArrayList<>();
          for (MeasuredRun run : scored) {
            AbilityScore score = run.score(title).orElseThrow();
            points.add(new Point(run.logLoss(score.source()), score.logit()));
          }
          laws.put(title, new ScoreLaw(scored.get(0).score(title).orElseThrow(), points));
        });
    return laws;
  }

  /** {@return name of the source whose ability is scored} */
  public String source() {
    return kind.source();
  }

  /**
   * {@return share of the variance of log-odds that the line explains, each run left out in turn}
   */
  public double explained() {
    double left = 0;
    double all = 0;
    for (Point point : points) {
      SimpleRegression others = new SimpleRegression();
      double sum = 0;
      for (Point other : points) {
        if (other != point) {
          others.addData(other.loss(), other.score());
          sum += other.score();
        }
      }
      left += Math.pow(point.score() - others.predict(point.loss()), 2);
      all += Math.pow(point.score() - sum / (points.size() - 1), 2);
    }
    return all == 0 || Double.isNaN(left) ? 0 : 1 - left / all;
  }

  /** {@return whether it may be used} */
  public boolean holds() {
    return points.size() >= LEAST_RUNS && explained() >= LEAST_EXPLAINED;
  }

  /**
   * {@return the score of a model with such a loss, and the interval that holds nine of ten}
   *
   * @param loss of the source
   */
  public Forecast forecast(LossForecast loss) {
    double logLoss = Math.log(loss.estimate());
    double middle = line.predict(logLoss);
    double lossHalf = line.getSlope() * Math.log(loss.high() / loss.low()) / 2;
    double half = Math.hypot(half(logLoss), lossHalf);
    double tail = (1 - Backtest.LEVEL) / 2;
    return new Forecast(
        kind.value(middle),
        kind.quantile(kind.value(middle - half), tail),
        kind.quantile(kind.value(middle + half), 1 - tail));
  }

  /**
   * What a score will be, a share in [0, 1] or points.
   *
   * @param estimate of the score
   * @param low lower end of the interval that holds nine of ten
   * @param high its upper end
   */
  public record Forecast(double estimate, double low, double high) {}

  /** A score in its unit. */
  String text(double value) {
    return kind.text(value);
  }

  /** Of one more run with that loss. */
  private double half(double logLoss) {
    double n = line.getN();
    double apart = logLoss - points.stream().mapToDouble(Point::loss).average().orElseThrow();
    double variance =
        line.getMeanSquareError() * (1 + 1 / n + apart * apart / line.getXSumSquares());
    return TDistribution.of(n - 2).inverseSurvivalProbability((1 - Backtest.LEVEL) / 2)
        * Math.sqrt(variance);
  }
}
