package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.comparison.ProblemValues;
import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.evaluators.statistics.ScaledMean;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** Reads results.json: cells by group, values of metrics over seeds. */
final class ResultView {
  private static final int LEAST_SEEDS = 3; // of an interval: two say next to nothing

  private final JsonNode results;
  private final StudyItems items;
  private final Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
  private final List<Metric> metrics;

  ResultView(JsonNode results) {
    this(results, StudyItems.none());
  }

  /** With what models made of single problems. */
  ResultView(JsonNode results, StudyItems items) {
    this.results = results;
    this.items = items;
    this.metrics = Metric.of(results);
    for (JsonNode cell : results.path("cells")) {
      groups.computeIfAbsent(cell.path("group").asText(), group -> new ArrayList<>()).add(cell);
    }
    if (groups(StudyQuestion.GRID).stream().noneMatch(group -> group.endsWith("g=0"))) {
      groups(StudyQuestion.GRID).forEach(groups::remove); // other questions train places of it, too
    }
  }

  JsonNode json() {
    return results;
  }

  RunCounts counts() {
    return RunCounts.of(results);
  }

  List<Metric> metrics() {
    return metrics;
  }

  /** Scores; held-out losses where there are no scores. */
  List<Metric> shown() {
    List<Metric> scores =
        metrics.stream()
            .filter(metric -> !metric.isLoss())
            .filter(
                metric ->
                    base(metric).isPresent()
                        || groups.keySet().stream().anyMatch(g -> !values(g, metric).isEmpty()))
            .toList();
    return scores.isEmpty() ? metrics : scores;
  }

  /** Metrics of a source's ability. */
  List<Metric> metrics(String source) {
    return metrics.stream().filter(metric -> metric.source().equals(source)).toList();
  }

  List<String> sources() {
    List<String> names = new ArrayList<>();
    results.path("sources").forEach(name -> names.add(name.asText()));
    return names;
  }

  boolean has(String group) {
    return groups.containsKey(group);
  }

  /** Cells of a group, one for each seed. */
  List<JsonNode> cells(String group) {
    return groups.getOrDefault(group, List.of());
  }

  /** Groups of a question, in the order of the grid. */
  List<String> groups(StudyQuestion question) {
    return groups.entrySet().stream()
        .filter(group -> group.getValue().get(0).path("question").asText().equals(question.word()))
        .map(Map.Entry::getKey)
        .toList();
  }

  List<Double> amounts() {
    return numbers("amounts");
  }

  /** Shares of the question about ratios; an older study had those of the amounts. */
  List<Double> ratios() {
    List<Double> own = numbers("ratios");
    return own.isEmpty() ? amounts() : own;
  }

  /** Shares of the specialized sources in the ratio x amount grid. */
  List<Double> gridSpecialized() {
    return numbers("specialized");
  }

  /** Shares of the general sources in the ratio x amount grid. */
  List<Double> gridGeneral() {
    return numbers("general");
  }

  boolean isGeneral(String source) {
    return StreamSupport.stream(results.path("general").spliterator(), false)
        .anyMatch(name -> name.asText().equals(source));
  }

  /** Whether data and problems are the bundled world's. */
  static boolean isOfWorld(JsonNode results) {
    return results.path("world").isObject();
  }

  boolean isOfWorld() {
    return isOfWorld(results);
  }

  List<Double> dmtK() {
    return numbers("dmt_k");
  }

  double headlineK() {
    return results.at("/grid/headline_k").asDouble();
  }

  /** Base models of a study of several sizes, the smallest first. */
  List<JsonNode> sizeModels() {
    List<JsonNode> models = new ArrayList<>();
    results.at("/sizes/models").forEach(models::add);
    models.sort(Comparator.comparingLong(model -> model.path("parameters").asLong()));
    return models;
  }

  /** Parameters by name of a size, the smallest first; empty for a study of one size. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    sizeModels()
        .forEach(
            model -> sizes.put(model.path("name").asText(), model.path("parameters").asLong()));
    return sizes;
  }

  /** Parameters of a cell's model. */
  double parameters(JsonNode cell) {
    String size = cell.path("size").asText();
    long own = results.path("parameters").asLong();
    return sizes().getOrDefault(size, own);
  }

  /** What the size of so many parameters is called; their number where it has no name. */
  String sizeName(double parameters) {
    return sizes().entrySet().stream()
        .filter(size -> size.getValue() == parameters)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseGet(() -> Units.count(Math.round(parameters)));
  }

  /**
   * A group's name, or a text that has some, for readers: that of runs of several sizes says that
   * they have a share of all data, and so of runs with adapters.
   */
  String readable(String text) {
    double share = results.at("/sizes/share").asDouble(1);
    String of = share == 1 ? "" : " of " + Share.text(share) + " of all data";
    double ofLora = results.at("/lora/share").asDouble(1);
    String part = ofLora == 1 ? "" : " of " + Share.text(ofLora) + " of all data";
    return GroupNames.readable(
        text.replaceAll("(size \\S+ (?:mixed-sequential|dmt k=[0-9/.]+))", "$1" + of)
            .replaceAll(
                "(lora (?:r=\\d+|full) (?:mixed-sequential|sequential|dmt k=[0-9/.]+))",
                "$1" + part));
  }

  /** Trained parameters by rank of the adapters, the smallest first; empty where there are none. */
  Map<Integer, Long> loraRanks() {
    Map<Integer, Long> ranks = new TreeMap<>();
    results
        .at("/lora/ranks")
        .forEach(each -> ranks.put(each.path("rank").asInt(), each.path("parameters").asLong()));
    return ranks;
  }

  /** Amounts of the question about adapters. */
  List<Double> loraAmounts() {
    return sorted(results.at("/lora/amounts"));
  }

  /** Amounts of the question about sizes. */
  List<Double> sizeAmounts() {
    return sorted(results.at("/sizes/amounts"));
  }

  private List<Double> numbers(String key) {
    return sorted(results.path("grid").path(key));
  }

  private static List<Double> sorted(JsonNode numbers) {
    List<Double> values = new ArrayList<>();
    numbers.forEach(value -> values.add(value.asDouble()));
    return values.stream().sorted().toList();
  }

  /** A metric of the base model. */
  Optional<Metric.Observed> base(Metric metric) {
    return metric.of(results.path("base"), true);
  }

  /** A metric of a group by seed; seeds without it are left out. */
  Map<Long, Metric.Observed> values(String group, Metric metric) {
    Map<Long, Metric.Observed> values = new LinkedHashMap<>();
    for (JsonNode cell : cells(group)) {
      metric.of(cell, false).ifPresent(value -> values.put(cell.path("seed").asLong(), value));
    }
    return values;
  }

  /**
   * A metric of a group over seeds.
   *
   * @param mean over seeds, in the metric's own unit
   * @param low end of the 95 % interval; NaN with fewer than three seeds
   * @param high end of the 95 % interval; NaN with fewer than three seeds
   * @param seeds that have it
   */
  record Estimate(double mean, double low, double high, int seeds) {
    boolean hasInterval() {
      return !Double.isNaN(low);
    }
  }

  /** A metric of a group over seeds; empty where no seed has it. */
  Optional<Estimate> estimate(String group, Metric metric) {
    OptionalDouble mean =
        values(group, metric).values().stream().mapToDouble(Metric.Observed::value).average();
    if (mean.isEmpty()) {
      return Optional.empty();
    }
    Effect effect =
        Contrast.mean(List.of(new Contrast(metric, Map.of(group, 1.0))), this).orElseThrow();
    Optional<Interval> interval =
        effect.seeds() < LEAST_SEEDS ? Optional.empty() : effect.interval();
    if (interval.isEmpty()) {
      return Optional.of(new Estimate(mean.getAsDouble(), Double.NaN, Double.NaN, effect.seeds()));
    }
    double one = metric.unscaled(metric.sign() * interval.get().low());
    double other = metric.unscaled(metric.sign() * interval.get().high());
    return Optional.of(
        new Estimate(
            mean.getAsDouble(), Math.min(one, other), Math.max(one, other), effect.seeds()));
  }

  /** The cell of a group and a seed. */
  JsonNode cell(String group, long seed) {
    return cells(group).stream()
        .filter(cell -> cell.path("seed").asLong() == seed)
        .findFirst()
        .orElseThrow();
  }

  /** Cells of one metric on its scale, with the problems that all of them were asked. */
  List<List<ScaledMean>> scaled(List<List<JsonNode>> cells, Metric metric) {
    Map<JsonNode, ProblemValues> items = new IdentityHashMap<>();
    Set<String> common = null;
    for (JsonNode cell : cells.stream().flatMap(List::stream).toList()) {
      Optional<ProblemValues> own = this.items.of(cell, metric);
      if (own.isPresent()) {
        items.put(cell, own.get());
        if (common == null) {
          common = new LinkedHashSet<>(own.get().ids());
        }
        common.retainAll(own.get().ids());
      }
    }
    Set<String> ids = common == null ? Set.of() : common;
    boolean all = cells.stream().flatMap(List::stream).allMatch(items::containsKey);
    boolean known = all && ids.size() > 1;
    return cells.stream()
        .map(
            seed ->
                seed.stream()
                    .map(
                        cell ->
                            known
                                ? scaled(Objects.requireNonNull(items.get(cell)), ids, metric)
                                : scaled(cell, metric))
                    .toList())
        .toList();
  }

  private static ScaledMean scaled(ProblemValues values, Set<String> ids, Metric metric) {
    return ScaledMean.of(metric.link(), metric.linked(values.only(ids).mean()));
  }

  /** Where single problems are not known: from the score's own interval, as if it were unpaired. */
  private static ScaledMean scaled(JsonNode cell, Metric metric) {
    Metric.Observed observed = metric.of(cell, false).orElseThrow();
    double unit = metric.linked(2) - metric.linked(1);
    return ScaledMean.of(
        metric.link(),
        metric.linked(observed.value()),
        unit * observed.error(),
        observed.problems());
  }

  /** A cell whose model is that of a node; missing where none ends with it. */
  JsonNode cellOf(String node) {
    for (List<JsonNode> cells : groups.values()) {
      for (JsonNode cell : cells) {
        JsonNode stages = cell.path("stages");
        if (stages.path(stages.size() - 1).path("node").asText().equals(node)) {
          return cell;
        }
      }
    }
    return MissingNode.getInstance();
  }
}
