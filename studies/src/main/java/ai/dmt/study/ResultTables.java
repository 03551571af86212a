package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The tables of a study's results: means over seeds, with the standard deviation of seeds. */
final class ResultTables {
  private static final String NONE = "-";
  private static final String SEEDS = "seeds";

  private final ResultView view;
  private final PaperResults paper;

  ResultTables(ResultView view, PaperResults paper) {
    this.view = view;
    this.paper = paper;
  }

  /** Groups by metrics. */
  Table groups(StudyQuestion question) {
    List<String> header = new ArrayList<>(List.of("run", SEEDS));
    view.metrics().forEach(metric -> header.add(metric.label()));
    List<List<String>> rows = new ArrayList<>();
    if (question == StudyQuestion.STRATEGIES) {
      rows.add(base(view.metrics()));
    } else if (question == StudyQuestion.SIZE) {
      rows.addAll(bases());
    }
    for (String group : view.groups(question)) {
      List<String> row = new ArrayList<>(List.of(view.readable(group), seeds(group)));
      view.metrics().forEach(metric -> row.add(cell(group, metric)));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  /** The same values one by one, in the order of the seeds. */
  Table single(StudyQuestion question) {
    List<String> header = new ArrayList<>(List.of("run"));
    view.metrics().forEach(metric -> header.add(metric.label()));
    List<List<String>> rows = new ArrayList<>();
    for (String group : view.groups(question)) {
      List<String> row = new ArrayList<>(List.of(view.readable(group)));
      for (Metric metric : view.metrics()) {
        List<String> values =
            view.values(group, metric).values().stream()
                .map(found -> metric.text(found.value()))
                .toList();
        row.add(values.isEmpty() ? NONE : String.join(" / ", values));
      }
      rows.add(row);
    }
    return new Table(header, rows);
  }

  /** How many seeds a group was trained with. */
  private String seeds(String group) {
    return view.has(group) ? Integer.toString(view.cells(group).size()) : NONE;
  }

  /** The base models of all sizes, which have losses alone. */
  private List<List<String>> bases() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode model : view.sizeModels()) {
      List<String> row =
          new ArrayList<>(List.of(model.path("name").asText() + ": base model", "0"));
      view.metrics()
          .forEach(
              metric ->
                  row.add(
                      (metric.isLoss() ? metric.of(model, true) : Optional.<Metric.Observed>empty())
                          .map(found -> metric.text(found.value()))
                          .orElse(NONE)));
      rows.add(row);
    }
    return rows;
  }

  /** Each control between the two arms that it controls, in the ability that it is of. */
  Table matched() {
    List<List<String>> rows = new ArrayList<>();
    for (String group : view.groups(StudyQuestion.MATCHED)) {
      JsonNode cell = view.cells(group).get(0);
      String setup = cell.path("setup").asText();
      String share = Share.text(cell.path("fraction").asDouble());
      boolean alone = view.sources().contains(setup);
      String less = alone ? "amount %s k=%s".formatted(setup, share) : setup;
      String more = alone ? "mixed k=" + share : "dmt k=" + share;
      for (Metric metric : view.metrics()) {
        if (!alone || metric.source().equals(setup)) {
          rows.add(
              List.of(
                  GroupNames.readable(group),
                  seeds(group),
                  metric.label(),
                  cell(less, metric),
                  cell(group, metric),
                  cell(more, metric)));
        }
      }
    }
    return new Table(
        List.of("control", SEEDS, "measure", "less data", "less data, matched", "more data"), rows);
  }

  private List<String> base(List<Metric> metrics) {
    List<String> row = new ArrayList<>(List.of("base model", "0"));
    metrics.forEach(
        metric -> row.add(view.base(metric).map(found -> metric.text(found.value())).orElse(NONE)));
    return row;
  }

  /** What the paper has for the groups of a question; without rows where it has nothing. */
  Table paper(StudyQuestion question) {
    List<String> groups = new ArrayList<>(view.groups(question));
    if (question == StudyQuestion.STRATEGIES
        && !groups.isEmpty()
        && !groups.contains(PaperResults.CHOSEN)) {
      groups.add(PaperResults.CHOSEN); // the k of the paper's main table is not this study's
    }
    List<String> header = new ArrayList<>(List.of("run"));
    List<List<String>> rows = new ArrayList<>();
    groups.forEach(group -> rows.add(new ArrayList<>(List.of(GroupNames.readable(group)))));
    for (String size : paper.sizes(groups)) {
      PaperResults.COLUMNS.forEach(
          (benchmark, title) -> {
            header.add(size + " " + title);
            for (int g = 0; g < groups.size(); g++) {
              rows.get(g).add(cell(groups.get(g), size, benchmark));
            }
          });
    }
    return new Table(header, header.size() == 1 ? List.of() : rows);
  }

  private String cell(String group, String size, String benchmark) {
    OptionalDouble value = paper.of(group, size, benchmark);
    boolean marked = !paper.contradictions(group, size, benchmark).isEmpty();
    return value.isPresent()
        ? Units.format("%.2f", value.getAsDouble()) + (marked ? " (!)" : "")
        : NONE;
  }

  /** What the paper says in two ways of the runs of a question; of all runs with the strategies. */
  Table contradictions(StudyQuestion question) {
    List<String> groups = view.groups(question);
    return new Table(
        List.of("of", "the paper says"),
        paper.contradictions().stream()
            .filter(
                each ->
                    each.runs().isEmpty()
                        ? question == StudyQuestion.STRATEGIES
                        : groups.stream().anyMatch(group -> each.isOf(paper.own(group))))
            .map(each -> List.of(each.of(), each.says()))
            .toList());
  }

  /**
   * What readers look for first: means of scores, or of losses where there are none, for each
   * source alone in its own ability, the strategies, and DMT by k. Without rows where strategies
   * were not asked for.
   */
  Table main() {
    List<Metric> metrics = view.shown();
    List<String> header = new ArrayList<>(List.of("trained by", SEEDS));
    metrics.forEach(metric -> header.add(metric.shortLabel(metrics)));
    List<String> groups = view.groups(StudyQuestion.STRATEGIES);
    List<List<String>> rows = new ArrayList<>();
    if (!groups.isEmpty()) {
      rows.add(base(metrics));
      String first = view.sources().get(0) + " only";
      List<String> alone = new ArrayList<>(List.of("own source alone", seeds(first)));
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
      List<String> row = new ArrayList<>(List.of(GroupNames.readable(group), seeds(group)));
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
        .map(text -> text + fewer(group, metric))
        .orElse(NONE);
  }

  /** Where a measure has fewer seeds than the group. */
  private String fewer(String group, Metric metric) {
    int own = view.values(group, metric).size();
    return own < view.cells(group).size() ? " (n=%s)".formatted(own) : "";
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
    return values.length == 0 ? NONE : spread(values, metric::text) + fewer(group, metric);
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
