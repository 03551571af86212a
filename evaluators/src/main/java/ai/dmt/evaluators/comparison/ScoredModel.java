package ai.dmt.evaluators.comparison;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.mtbench.MtBenchScorer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * A model and what is known of it.
 *
 * @param name under which results show it
 * @param reports one for each benchmark
 */
public record ScoredModel(String name, List<ScoreReport> reports) {
  /**
   * Copies the list.
   *
   * @param name under which results show it
   * @param reports one for each benchmark
   * @throws ConfigException if a benchmark has several reports
   */
  public ScoredModel {
    reports = List.copyOf(reports);
    Set<String> benchmarks = new HashSet<>();
    for (ScoreReport report : reports) {
      if (!benchmarks.add(report.benchmark())) {
        throw new ConfigException(
            "%s has several reports of %s, expected one".formatted(name, report.benchmark()));
      }
    }
  }

  /**
   * {@return the models of one report: one, or those that the modes of an MT-Bench report name, in
   * the report's order} Several are named {@code NAME#MODEL}.
   *
   * @param name under which results show it
   * @param report of one benchmark
   */
  public static List<ScoredModel> of(String name, ScoreReport report) {
    List<String> models =
        report.benchmark().equals(MtBenchScorer.NAME)
            ? report.scores().stream().map(Score::mode).distinct().toList()
            : List.of();
    if (models.isEmpty() || models.contains(null)) {
      return List.of(new ScoredModel(name, List.of(report)));
    }
    List<ScoredModel> split = new ArrayList<>();
    for (String model : models) {
      split.add(new ScoredModel(name + "#" + model, List.of(only(report, model))));
    }
    return split;
  }

  private static ScoreReport only(ScoreReport report, String model) {
    return new ScoreReport(
        report.benchmark(),
        report.version(),
        report.problems(),
        report.scores().stream()
            .filter(score -> model.equals(score.mode()))
            .map(score -> score.withMode(null))
            .toList(),
        report.items().stream()
            .filter(item -> model.equals(item.mode()))
            .map(item -> item.withMode(null))
            .toList());
  }

  /**
   * {@return the same with some of its scores; a benchmark without any of them is left out}
   *
   * @param wanted tells of a report and one of its scores whether it is kept
   */
  public ScoredModel where(BiPredicate<ScoreReport, Score> wanted) {
    return new ScoredModel(
        name,
        reports.stream()
            .map(
                report ->
                    report.withScores(
                        report.scores().stream()
                            .filter(score -> wanted.test(report, score))
                            .toList()))
            .filter(report -> !report.scores().isEmpty())
            .toList());
  }

  /**
   * {@return the report of a benchmark; empty if there is none}
   *
   * @param benchmark its name
   */
  public Optional<ScoreReport> report(String benchmark) {
    return reports.stream().filter(each -> each.benchmark().equals(benchmark)).findFirst();
  }

  /** {@return the names of its benchmarks, in their order} */
  public List<String> benchmarks() {
    return reports.stream().map(ScoreReport::benchmark).toList();
  }
}
