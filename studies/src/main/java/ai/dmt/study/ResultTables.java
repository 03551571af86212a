package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
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

  /** Groups by metrics. */
  Table groups(StudyQuestion question) {
    List<String> header = new ArrayList<>(List.of("run"));
    view.metrics().forEach(metric -> header.add(metric.label()));
    List<List<String>> rows = new ArrayList<>();
    if (question == StudyQuestion.STRATEGIES) {
      rows.add(base(view.metrics()));
    }
    for (String group : view.groups(question)) {
      List<String> row = new ArrayList<>(List.of(GroupNames.readable(group)));
      view.metrics().forEach(metric -> row.add(cell(group, metric)));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private List<String> base(List<Metric> metrics) {
    List<String> row = new ArrayList<>(List.of("base model"));
    metrics.forEach(
        metric -> row.add(view.base(metric).map(found -> metric.text(found.value())).orElse(NONE)));
    return row;
  }

  /** What the paper has for the groups of a question; without rows where it has nothing. */
  Table paper(StudyQuestion question) {
    List<String> groups = view.groups(question);
    List<String> sizes = paper.sizes(groups);
    List<String> header = new ArrayList<>(List.of("run"));
    sizes.forEach(size -> header.add("LLaMA " + size));
    List<List<String>> rows = new ArrayList<>();
    for (String group : sizes.isEmpty() ? List.<String>of() : groups) {
      List<String> row = new ArrayList<>(List.of(GroupNames.readable(group)));
      sizes.forEach(size -> row.add(paper.of(group, size).orElse(NONE)));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  /**
   * What readers look for first: means of scores, or of losses where there are none, for each
   * source alone in its own ability, the strategies, and DMT by k. Without rows where strategies
   * were not asked for.
   */
  Table main() {
    List<Metric> metrics = view.shown();
    List<String> header = new ArrayList<>(List.of("trained by"));
    metrics.forEach(metric -> header.add(metric.shortLabel(metrics)));
    List<String> groups = view.groups(StudyQuestion.STRATEGIES);
    List<List<String>> rows = new ArrayList<>();
    if (!groups.isEmpty()) {
      rows.add(base(metrics));
      List<String> alone = new ArrayList<>(List.of("own source alone"));
      metrics.forEach(metric -> alone.add(mean(metric.source() + " only", metric)));
      rows.add(alone);
    }
    List<String> sweep =
        groups.isEmpty()
            ? List.of()
            : view.dmtK().stream()
                .filter(k -> k > 0)
                .map(k -> "k sweep k=" + Share.text(k))
                .filter(view::has)
                .toList();
    List<String> shown = new ArrayList<>();
    groups.stream()
        .filter(group -> !group.endsWith(" only"))
        .filter(group -> sweep.isEmpty() || !group.startsWith("dmt "))
        .forEach(shown::add);
    shown.addAll(sweep);
    for (String group : shown) {
      List<String> row = new ArrayList<>(List.of(GroupNames.readable(group)));
      metrics.forEach(metric -> row.add(mean(group, metric)));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private String mean(String group, Metric metric) {
    return view.values(group, metric).values().stream()
        .mapToDouble(Metric.Observed::value)
        .average()
        .stream()
        .mapToObj(metric::text)
        .findFirst()
        .orElse(NONE);
  }

  /** What each run trained on: rows of an epoch, steps and tokens of each stage. */
  Table sizes() {
    List<String> header = List.of("run", "stage", "samples", "steps", "tokens", "label tokens");
    List<List<String>> rows = new ArrayList<>();
    for (StudyQuestion question : StudyQuestion.values()) {
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
    for (Claim claim : claims) {
      long held = claim.count(Claim.Verdict.HELD);
      long not = claim.count(Claim.Verdict.NOT_HELD);
      rows.add(
          List.of(
              claim.id(),
              claim.text(),
              claim.outcome().text(),
              claim.tests().isEmpty()
                  ? NONE
                  : "%s / %s / %s".formatted(held, claim.tests().size() - held - not, not)));
    }
    return new Table(
        List.of("claim", "what the paper found", "here", "tests: held / open / opposite"), rows);
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
                GroupNames.readable(test.contrast().name()),
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
