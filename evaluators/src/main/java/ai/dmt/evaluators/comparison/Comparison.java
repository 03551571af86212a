package ai.dmt.evaluators.comparison;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.ReportFile;
import ai.dmt.evaluators.statistics.Holm;
import ai.dmt.evaluators.statistics.PairedBootstrap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Models compared with a baseline in all that was measured of both.
 *
 * @param tests how many p-values Holm's correction is over
 * @param resamples of each bootstrap
 * @param seed of each bootstrap
 * @param comparisons model after model, each in the baseline's order
 * @param notes what was not compared, and why
 */
public record Comparison(
    int tests, int resamples, long seed, List<ScoreComparison> comparisons, List<String> notes) {
  /**
   * Compares the first model with each of the others.
   *
   * @param models at least two
   * @param options which scores, and whether on common problems only
   * @return each comparison, corrected, with what was not compared
   * @throws ConfigException if there are fewer, or if two cannot be compared
   */
  public static Comparison of(List<ScoredModel> models, ComparisonOptions options) {
    if (models.size() < 2) {
      throw new ConfigException(
          "a comparison needs two models or more, got %s"
              .formatted(models.stream().map(ScoredModel::name).toList()));
    }
    List<ScoreComparison> comparisons = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (ScoredModel other : models.subList(1, models.size())) {
      ModelPair.Result result = new ModelPair(models.get(0), other).compare(options);
      comparisons.addAll(result.comparisons());
      notes.addAll(result.notes());
    }
    List<ScoreComparison> corrected = correct(comparisons);
    int tests = (int) corrected.stream().filter(each -> each.paired() != null).count();
    return new Comparison(
        tests,
        PairedBootstrap.RESAMPLES,
        ScorePair.SEED,
        corrected,
        notes.stream().distinct().toList());
  }

  /**
   * {@return the same comparisons with Holm's correction over all of them that have a test}
   *
   * @param comparisons with and without a test
   */
  public static List<ScoreComparison> correct(List<ScoreComparison> comparisons) {
    double[] adjusted =
        Holm.adjust(
            comparisons.stream()
                .filter(each -> each.paired() != null)
                .mapToDouble(each -> each.paired().pValue())
                .toArray());
    List<ScoreComparison> corrected = new ArrayList<>();
    int test = 0;
    for (ScoreComparison each : comparisons) {
      corrected.add(each.paired() == null ? each : each.withAdjusted(adjusted[test++]));
    }
    return List.copyOf(corrected);
  }

  /**
   * Writes all as JSON, in one step.
   *
   * @param file whose folder is there; replaced if it is there itself
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public void write(Path file) {
    ReportFile.write(file, this);
  }

  /** {@return the comparison for people: a line each, then what it means} */
  public String text() {
    return ComparisonTable.text(this);
  }

  /**
   * {@return which problems are higher and which lower, for people, each comparison a paragraph}
   */
  public String flips() {
    return ComparisonTable.flips(comparisons);
  }
}
