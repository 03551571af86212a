package ai.dmt.evaluators;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What scoring a model on a benchmark gave.
 *
 * @param benchmark name, such as "gsm8k"
 * @param version of the benchmark's rules; scores of different versions are not comparable
 * @param problems fingerprint of the problems that were scored, null where none was taken; reports
 *     with different ones are not comparable
 * @param scores in the order they are shown
 * @param items every verdict, mode after mode
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScoreReport(
    String benchmark,
    String version,
    @Nullable String problems,
    List<Score> scores,
    List<ItemVerdict> items) {
  /**
   * Demands all but the fingerprint.
   *
   * @param benchmark name, such as "gsm8k"
   * @param version of the benchmark's rules; scores of different versions are not comparable
   * @param problems fingerprint of the problems that were scored, null where none was taken;
   *     reports with different ones are not comparable
   * @param scores in the order they are shown
   * @param items every verdict, mode after mode
   */
  public ScoreReport {
    Objects.requireNonNull(benchmark, "\"benchmark\" is missing");
    Objects.requireNonNull(version, "\"version\" is missing");
    scores = copy(scores, "scores");
    items = copy(items, "items");
  }

  /** A copy of what may have been read from a file. */
  private static <T> List<T> copy(List<T> given, String name) {
    Objects.requireNonNull(given, "\"%s\" is missing".formatted(name));
    if (given.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("\"%s\" holds null".formatted(name));
    }
    return List.copyOf(given);
  }

  /**
   * Makes a report without a fingerprint of its problems.
   *
   * @param benchmark name, such as "gsm8k"
   * @param version of the benchmark's rules
   * @param scores in the order they are shown
   * @param items every verdict, mode after mode
   */
  public ScoreReport(
      String benchmark, String version, List<Score> scores, List<ItemVerdict> items) {
    this(benchmark, version, null, scores, items);
  }

  /**
   * {@return the same with a fingerprint of the problems, see {@link Fingerprint}}
   *
   * @param fingerprint 16 hexadecimal digits; null for none
   */
  public ScoreReport withProblems(@Nullable String fingerprint) {
    return new ScoreReport(benchmark, version, fingerprint, scores, items);
  }

  /**
   * {@return the same items with other scores}
   *
   * @param others in the order they are shown
   */
  public ScoreReport withScores(List<Score> others) {
    return new ScoreReport(benchmark, version, problems, others, items);
  }

  /**
   * {@return whether scores are points, such as MT-Bench's, and not shares: then items carry points
   * too}
   */
  public boolean inPoints() {
    return items.stream().anyMatch(item -> item.score() != null);
  }

  /**
   * Writes the report; a file that is there is replaced in one step.
   *
   * @param file whose folder is there
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public void write(Path file) {
    ReportFile.write(file, this);
  }

  /**
   * Reads a report that {@link #write} wrote.
   *
   * @param file that {@link #write} wrote
   * @return the report, as it was written
   * @throws ai.dmt.data.DataException naming file and key, if a key is unknown, missing or of the
   *     wrong kind
   */
  public static ScoreReport read(Path file) {
    return ReportFile.read(file, ScoreReport.class);
  }

  /** {@return the scores for people: shares in percent with their intervals, points as they are} */
  public String table() {
    return ScoreTable.text(this);
  }
}
