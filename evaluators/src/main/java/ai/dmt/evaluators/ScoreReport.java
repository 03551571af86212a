package ai.dmt.evaluators;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

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
    String problems,
    List<Score> scores,
    List<ItemVerdict> items) {
  /** Demands all but the fingerprint. */
  public ScoreReport {
    Objects.requireNonNull(benchmark, "\"benchmark\" is missing");
    Objects.requireNonNull(version, "\"version\" is missing");
    scores = List.copyOf(Objects.requireNonNull(scores, "\"scores\" is missing"));
    items = List.copyOf(Objects.requireNonNull(items, "\"items\" is missing"));
  }

  /** A report without a fingerprint of its problems. */
  public ScoreReport(
      String benchmark, String version, List<Score> scores, List<ItemVerdict> items) {
    this(benchmark, version, null, scores, items);
  }

  /** The same with a fingerprint of the problems, see {@link Fingerprint}. */
  public ScoreReport withProblems(String fingerprint) {
    return new ScoreReport(benchmark, version, fingerprint, scores, items);
  }

  /** The same items with other scores. */
  public ScoreReport withScores(List<Score> others) {
    return new ScoreReport(benchmark, version, problems, others, items);
  }

  /** Whether scores are points, such as MT-Bench's, and not shares: then items carry points too. */
  public boolean inPoints() {
    return items.stream().anyMatch(item -> item.score() != null);
  }

  /**
   * Writes the report; a file that is there is replaced in one step.
   *
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public void write(Path file) {
    ReportFile.write(file, this);
  }

  /**
   * Reads a report that {@link #write} wrote.
   *
   * @throws ai.dmt.data.DataException naming file and key, if a key is unknown, missing or of the
   *     wrong kind
   */
  public static ScoreReport read(Path file) {
    return ReportFile.read(file, ScoreReport.class);
  }

  /** The scores for people: shares in percent with their intervals, points as they are. */
  public String table() {
    return ScoreTable.text(this);
  }
}
