package ai.dmt.evaluators.comparison;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.ScorePair.Scored;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Two models, about to be compared in all that was measured of both.
 *
 * @param baseline what is compared with
 * @param other what is compared
 */
public record ModelPair(ScoredModel baseline, ScoredModel other) {
  /**
   * What came out.
   *
   * @param comparisons in the baseline's order, without a correction for being several
   * @param notes what was not compared, and why
   */
  public record Result(List<ScoreComparison> comparisons, List<String> notes) {}

  /**
   * Compares what both models have.
   *
   * @param options which scores, and whether on common problems only
   * @return a comparison for each score, without Holm's correction, and notes
   * @throws ConfigException if there is nothing that both have, or if versions, problems or items
   *     are not the same
   */
  public Result compare(ComparisonOptions options) {
    List<ScoreComparison> comparisons = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (ScoreReport first : baseline.reports()) {
      Optional<ScoreReport> second = other.report(first.benchmark());
      if (options.wantsBenchmark(first.benchmark()) && second.isPresent()) {
        requireComparable(first, second.get(), options.common()).ifPresent(notes::add);
        compare(first, second.get(), options, comparisons, notes);
      }
    }
    if (comparisons.isEmpty()) {
      throw nothing(options);
    }
    addMissing(baseline, other, options, notes);
    addMissing(other, baseline, options, notes);
    return new Result(List.copyOf(comparisons), List.copyOf(notes));
  }

  private Optional<String> requireComparable(
      ScoreReport first, ScoreReport second, boolean common) {
    String benchmark = first.benchmark();
    if (!first.version().equals(second.version())) {
      throw new ConfigException(
          "%s: %s was scored by version %s of the rules and %s by version %s; score both again"
              .formatted(
                  benchmark, baseline.name(), first.version(), other.name(), second.version()));
    }
    boolean same =
        first.problems() == null
            || second.problems() == null
            || first.problems().equals(second.problems());
    if (same) {
      return Optional.empty();
    }
    String fingerprints =
        "%s: %s and %s were scored on different problems (fingerprints %s and %s)"
            .formatted(
                benchmark, baseline.name(), other.name(), first.problems(), second.problems());
    if (!common) {
      throw new ConfigException(
          fingerprints + "; --common compares the ids that both have, as the same problems");
    }
    return Optional.of(fingerprints + "; equal ids are taken for equal problems");
  }

  private void compare(
      ScoreReport first,
      ScoreReport second,
      ComparisonOptions options,
      List<ScoreComparison> comparisons,
      List<String> notes) {
    for (Score score : first.scores()) {
      if (options.wants(score)) {
        find(second, score)
            .map(
                same ->
                    new ScorePair(
                        new Scored(baseline.name(), first, score),
                        new Scored(other.name(), second, same),
                        options.common()))
            .ifPresentOrElse(
                pair -> comparisons.add(pair.compare()),
                () -> notes.add(onlyIn(baseline, first, score)));
      }
    }
    for (Score score : second.scores()) {
      if (options.wants(score) && find(first, score).isEmpty()) {
        notes.add(onlyIn(other, second, score));
      }
    }
  }

  private static Optional<Score> find(ScoreReport report, Score wanted) {
    return report.scores().stream()
        .filter(each -> each.name().equals(wanted.name()))
        .filter(each -> Objects.equals(each.mode(), wanted.mode()))
        .findFirst();
  }

  private static String onlyIn(ScoredModel model, ScoreReport report, Score score) {
    return "not compared: %s is in %s alone"
        .formatted(ScoreComparison.title(report.benchmark(), score), model.name());
  }

  private static void addMissing(
      ScoredModel model, ScoredModel without, ComparisonOptions options, List<String> notes) {
    for (String benchmark : model.benchmarks()) {
      if (options.wantsBenchmark(benchmark) && without.report(benchmark).isEmpty()) {
        notes.add("not compared: %s has no %s".formatted(without.name(), benchmark));
      }
    }
  }

  private ConfigException nothing(ComparisonOptions options) {
    boolean filtered =
        !(options.benchmarks().isEmpty()
            && options.scores().isEmpty()
            && options.modes().isEmpty());
    return new ConfigException(
        "%s and %s have no score in common%s: the first has %s; the second has %s"
            .formatted(
                baseline.name(),
                other.name(),
                filtered ? " that was asked for" : "",
                scores(baseline),
                scores(other)));
  }

  private static String scores(ScoredModel model) {
    Set<String> titles =
        model.reports().stream()
            .flatMap(
                report ->
                    report.scores().stream()
                        .map(score -> ScoreComparison.title(report.benchmark(), score)))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return titles.isEmpty() ? "none" : String.join("; ", titles);
  }
}
