package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Section;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** How long a study took, on what, and what it was made of. */
final class TimingSection {
  private TimingSection() {}

  static Section of(JsonNode results, JsonNode timing) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("training, all processes", seconds(timing.path("train_seconds"))));
    rows.add(
        List.of("training and scoring, all processes", seconds(timing.path("process_seconds"))));
    if (timing.has("wall_seconds")) {
      rows.add(0, List.of("from start to end", seconds(timing.path("wall_seconds"))));
    }
    if (timing.has("cpu")) {
      rows.add(List.of("CPU", timing.path("cpu").asText()));
    }
    rows.add(List.of("cores", timing.path("cores").asText()));
    rows.add(List.of("Java", timing.path("java").asText()));
    rows.add(List.of("type", results.at("/versions/dtype").asText()));
    rows.add(List.of("threads of a process", results.at("/versions/threads").asText()));
    return new Section(
        "timing",
        "Time and machine",
        List.of(
            new TableBlock("Where and how long", new Table(List.of("what", "value"), rows)),
            new FoldedTable("Every task", tasks(results, timing)),
            new FoldedTable("What the results depend on", versions(results.path("versions")))));
  }

  private static Table tasks(JsonNode results, JsonNode timing) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode task : timing.path("tasks")) {
      double train = task.path("train_seconds").asDouble();
      double tokens = task.path("tokens").asDouble();
      rows.add(
          List.of(
              label(results, task.path("task").asText()),
              Units.count((long) tokens),
              seconds(task.path("train_seconds")),
              seconds(task.path("seconds")),
              train > 0 ? Units.count(Math.round(tokens / train)) : "-",
              task.path("key").asText()));
    }
    return new Table(List.of("task", "tokens", "training", "in all", "tokens/s", "folder"), rows);
  }

  /** The bundled world's problems have names of their own, never a benchmark's alone. */
  private static String label(JsonNode results, String task) {
    String source = results.path("benchmarks").path(task).path("source").asText();
    return source.isEmpty()
        ? task
        : "scoring of "
            + (ResultView.isOfWorld(results) ? Metric.WORLD + source : source + " by " + task);
  }

  private static Table versions(JsonNode versions) {
    List<List<String>> rows = new ArrayList<>();
    versions
        .properties()
        .forEach(
            version -> {
              if (version.getValue().isObject()) {
                version
                    .getValue()
                    .properties()
                    .forEach(
                        each ->
                            rows.add(
                                List.of(
                                    version.getKey() + ": " + each.getKey(),
                                    each.getValue().asText())));
              } else {
                rows.add(List.of(version.getKey(), version.getValue().asText()));
              }
            });
    return new Table(List.of("what", "SHA-256 or value"), rows);
  }

  private static String seconds(JsonNode value) {
    return SummarySection.time(value.asDouble());
  }
}
