package ai.dmt.study;

import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.ProblemValues;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the models of a study made of each problem and of each held-out sample. */
final class StudyItems {
  /** Losses of single held-out samples, in a node's folder. */
  static final String HELD_OUT = "held_out.json";

  private final @Nullable StudyFolder folder;
  private final Map<Path, Optional<ScoreReport>> reports = new HashMap<>();
  private final Map<Key, Optional<ProblemValues>> values = new HashMap<>();

  private record Key(Path file, Metric metric) {}

  StudyItems(@Nullable StudyFolder folder) {
    this.folder = folder;
  }

  /** Where only results.json is known: nothing of single problems. */
  static StudyItems none() {
    return new StudyItems(null);
  }

  /**
   * The problems of a cell's measure.
   *
   * @return empty where nothing is known of them
   */
  Optional<ProblemValues> of(JsonNode cell, Metric metric) {
    if (folder == null) {
      return Optional.empty();
    }
    Path file;
    if (metric.isLoss()) {
      JsonNode stages = cell.path("stages");
      String node = stages.path(stages.size() - 1).path("node").asText();
      file = folder.node(node).resolve(HELD_OUT);
    } else {
      String key = cell.path("evaluations").path(metric.benchmark()).asText();
      file = folder.evaluation(key.isEmpty() ? "none" : key).resolve(CellEvaluation.REPORT_FILE);
    }
    return values.computeIfAbsent(new Key(file, metric), key -> values(file, metric));
  }

  private Optional<ProblemValues> values(Path file, Metric metric) {
    return reports
        .computeIfAbsent(file, StudyItems::read)
        .flatMap(report -> score(report, metric).flatMap(s -> ProblemValues.of(report, s)));
  }

  private static Optional<ScoreReport> read(Path file) {
    return Files.exists(file) ? Optional.of(ScoreReport.read(file)) : Optional.empty();
  }

  private static Optional<Score> score(ScoreReport report, Metric metric) {
    String name = metric.isLoss() ? metric.source() : metric.name();
    String mode = metric.mode().isEmpty() ? null : metric.mode();
    return report.scores().stream()
        .filter(score -> score.name().equals(name))
        .filter(score -> Objects.equals(score.mode(), mode))
        .findFirst();
  }
}
