package ai.dmt.study;

import ai.dmt.report.Table;
import ai.dmt.run.Units;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of a study's results: means over seeds, with the standard deviation of seeds. */
final class ResultTables {
  private static final String NONE = "-";

  private final ResultView view;
  private final PaperResults paper;

  ResultTables(ResultView view, PaperResults paper) {
    this.view = view;
    this.paper = paper;
  }

  /** Groups by metrics, beside the paper's runs where it has them. */
  Table groups(Question question) {
    List<String> header = new ArrayList<>(List.of("run"));
    view.metrics().forEach(metric -> header.add(metric.label()));
    List<String> groups = view.groups(question);
    List<String> sizes = paper.sizes(groups);
    sizes.forEach(size -> header.add("paper, " + size));
    List<List<String>> rows = new ArrayList<>();
    if (question == Question.STRATEGIES) {
      List<String> base = new ArrayList<>(List.of("base model"));
      view.metrics()
          .forEach(
              metric ->
                  base.add(
                      view.base(metric).map(found -> metric.text(found.value())).orElse(NONE)));
      sizes.forEach(size -> base.add(NONE));
      rows.add(base);
    }
    for (String group : groups) {
      List<String> row = new ArrayList<>(List.of(group));
      view.metrics().forEach(metric -> row.add(cell(group, metric)));
      sizes.forEach(size -> row.add(paper.of(group, size).orElse(NONE)));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  /** What each run trained on: rows of an epoch, steps and tokens of each stage. */
  Table sizes() {
    List<String> header = List.of("run", "stage", "samples", "steps", "tokens", "label tokens");
    List<List<String>> rows = new ArrayList<>();
    for (Question question : Question.values()) {
      for (String group : view.groups(question)) {
        for (JsonNode stage : view.cells(group).get(0).path("stages")) {
          rows.add(
              List.of(
                  group,
                  stage.path("name").asText(),
                  samples(stage),
                  Units.count(stage.path("steps").asLong()),
                  Units.count(stage.path("tokens").asLong()),
                  Units.count(stage.path("label_tokens").asLong())));
        }
      }
    }
    return new Table(header, rows);
  }

  /** A line for each claim. */
  static Table claims(Collection<Claim> claims) {
    List<List<String>> rows = new ArrayList<>();
    claims.forEach(claim -> rows.add(List.of(claim.id(), claim.text(), claim.summary())));
    return new Table(List.of("claim", "what the paper found", "here"), rows);
  }

  /** A line for each test. */
  static Table tests(Collection<Claim> claims) {
    List<List<String>> rows = new ArrayList<>();
    for (Claim claim : claims) {
      for (Claim.Tested test : claim.tests()) {
        Contrast.Estimate effect = test.effect();
        Metric metric = test.metric();
        String interval =
            effect.hasInterval()
                ? "[%s, %s]".formatted(metric.text(effect.low()), metric.text(effect.high()))
                : "none";
        rows.add(
            List.of(
                claim.id(),
                metric.label(),
                test.contrast().name(),
                test.expected().text(),
                metric.text(effect.mean()),
                interval,
                Integer.toString(effect.seeds()),
                test.verdict().text()));
      }
    }
    return new Table(
        List.of("claim", "measure", "contrast", "expected", "gain", "95 %", "seeds", "verdict"),
        rows);
  }

  /** Why scores are missing, by benchmark. */
  Map<String, String> missing() {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (JsonNode cell : view.json().path("cells")) {
      cell.path("scores")
          .properties()
          .forEach(
              score -> {
                if (score.getValue().has("missing")) {
                  reasons.put(score.getKey(), score.getValue().path("missing").asText());
                }
              });
    }
    return reasons;
  }

  private String cell(String group, Metric metric) {
    double[] values =
        view.values(group, metric).values().stream().mapToDouble(Metric.Observed::value).toArray();
    return values.length == 0 ? NONE : spread(values, metric::text);
  }

  /** Turns a value into text. */
  interface Writer {
    String text(double value);
  }

  /** Mean and standard deviation of seeds. */
  static String spread(double[] values, Writer writer) {
    double mean = Arrays.stream(values).average().orElseThrow();
    if (values.length == 1) {
      return writer.text(mean);
    }
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return writer.text(mean) + " ± " + writer.text(Math.sqrt(squares / (values.length - 1)));
  }

  /** Samples of a stage by source. */
  static String samples(JsonNode stage) {
    List<String> parts = new ArrayList<>();
    stage
        .path("samples")
        .properties()
        .forEach(source -> parts.add(source.getKey() + " " + source.getValue().asText()));
    return String.join(" + ", parts);
  }
}
