package ai.dmt.study;

import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.statistics.Link;
import ai.dmt.evaluators.statistics.ScaledMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/** The first score of a benchmark that tables show, which stands for the ability of a source. */
public final class AbilityScore {
  private final Metric metric;
  private final Score score;

  private AbilityScore(Metric metric, Score score) {
    this.metric = metric;
    this.score = score;
  }

  /**
   * {@return the scores of a cell, one for each benchmark of a source that it was scored on}
   *
   * @param study that the cell is of
   * @param cell trained and scored
   */
  public static List<AbilityScore> of(StudyDefinition study, CellResult cell) {
    List<AbilityScore> found = new ArrayList<>();
    for (Map.Entry<String, BenchmarkRecipe> each : study.benchmarks().entrySet()) {
      List<Score> all = cell.scores().getOrDefault(each.getKey(), List.of());
      BenchmarkRecipe benchmark = each.getValue();
      if (!benchmark.source().isEmpty() && !all.isEmpty()) {
        Score score =
            benchmark.scores().isEmpty() ? all.get(0) : named(benchmark.scores().get(0), all);
        found.add(of(benchmark.source(), each.getKey(), score, study.world() != null));
      }
    }
    return List.copyOf(found);
  }

  /**
   * {@return a score as that of an ability}
   *
   * @param source whose ability it is
   * @param benchmark that has the score
   * @param score a share, or of mtbench points from 1 to 10
   * @param ofWorld whether the problems are the bundled world's
   */
  public static AbilityScore of(String source, String benchmark, Score score, boolean ofWorld) {
    String mode = score.mode() == null ? "" : score.mode();
    return new AbilityScore(new Metric(source, benchmark, score.name(), mode, ofWorld), score);
  }

  /** As NAME or NAME/MODE; the benchmark was asked for it. */
  private static Score named(String title, List<Score> all) {
    return all.stream()
        .filter(
            score -> title.equals(score.name()) || title.equals(score.name() + "/" + score.mode()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no score " + title + " in " + all));
  }

  /** {@return name of the source whose ability it is} */
  public String source() {
    return metric.source();
  }

  /** {@return such as "math: gsm8k accuracy, rft (%)", which tells it from others} */
  public String title() {
    return metric.label();
  }

  /** {@return the score, a share in [0, 1] or points} */
  public double value() {
    return score.score();
  }

  /** {@return its log-odds; ratings are shares of what they can be, ends are half a problem off} */
  public double logit() {
    long problems = score.total() == null ? 0 : score.total();
    return ScaledMean.of(Link.LOGIT, metric.linked(score.score()), 0, problems).value();
  }

  /**
   * {@return a quantile of the score that a model gets by chance, with as many problems as this one
   * had; of ratings, whose chance is not known, the true score}
   *
   * @param value the model's true score, a share in [0, 1] or points
   * @param share of models with that true score whose score is no higher, in (0, 1)
   */
  public double quantile(double value, double share) {
    if (!metric.isShare() || score.total() == null) {
      return value;
    }
    int problems = Math.toIntExact(score.total());
    return (double) BinomialDistribution.of(problems, value).inverseCumulativeProbability(share)
        / problems;
  }

  /**
   * {@return the score that log-odds stand for}
   *
   * @param logit finite
   */
  public double value(double logit) {
    return metric.unscaled(logit);
  }

  /**
   * {@return a score in the unit of the title}
   *
   * @param value a share in [0, 1] or points
   */
  public String text(double value) {
    return metric.text(value);
  }
}
