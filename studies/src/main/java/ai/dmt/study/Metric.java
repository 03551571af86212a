package ai.dmt.study;

import ai.dmt.evaluators.statistics.Link;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an ability is measured: a score of a benchmark, or the held-out loss of a source.
 *
 * @param source whose ability it is
 * @param benchmark that has the score; empty for the held-out loss
 * @param name of the score
 * @param mode of the score; empty where it has none
 * @param ofWorld whether the problems are the bundled world's, which are not the benchmark's own
 */
record Metric(String source, String benchmark, String name, String mode, boolean ofWorld) {
  /** Half of a 95 % interval, in standard errors. */
  static final double NORMAL_97_5 = 1.959964;

  /** Begins the names of the bundled world's problems. */
  static final String WORLD = "world-";

  private static final Map<String, String> WORLD_RULES =
      Map.of(
          "openai", "number after ####",
          "screl", "number after ####",
          "lm-eval-strict", "number after ####",
          "lm-eval-flexible", "last number",
          "last-number", "last number",
          "human-eval", "",
          "bigcode", "",
          "evalplus-base", "");

  private static final double LEAST_RATING = 1;
  private static final double BEST_RATING = 10;

  /** All that a study measures, scores before losses. */
  static List<Metric> of(JsonNode results) {
    boolean ofWorld = ResultView.isOfWorld(results);
    List<Metric> metrics = new ArrayList<>();
    for (JsonNode source : results.path("sources")) {
      results
          .path("benchmarks")
          .properties()
          .forEach(
              benchmark -> {
                if (benchmark.getValue().path("source").asText().equals(source.asText())) {
                  metrics.addAll(scores(results, source.asText(), benchmark.getKey()));
                }
              });
    }
    for (JsonNode source : results.path("sources")) {
      if (results.at("/base/held_out").has(source.asText())) {
        metrics.add(new Metric(source.asText(), "", "held-out loss", "", ofWorld));
      }
    }
    return metrics;
  }

  private static List<Metric> scores(JsonNode results, String source, String benchmark) {
    boolean ofWorld = ResultView.isOfWorld(results);
    List<Metric> metrics = new ArrayList<>();
    for (JsonNode shown : results.path("benchmarks").path(benchmark).path("scores")) {
      String[] words = shown.asText().split("/", 2);
      String mode = words.length == 2 ? words[1] : "";
      metrics.add(new Metric(source, benchmark, words[0], mode, ofWorld));
    }
    JsonNode first = results.at("/base/scores").path(benchmark).path(0);
    if (metrics.isEmpty() && first.has("name")) {
      metrics.add(
          new Metric(
              source,
              benchmark,
              first.path("name").asText(),
              first.path("mode").asText(""),
              ofWorld));
    }
    return metrics;
  }

  /**
   * A measured value.
   *
   * @param value in the metric's own unit
   * @param error standard error that the choice of problems gives it; 0 where that is not known
   * @param problems how many there were; 0 where that is not known
   */
  record Observed(double value, double error, long problems) {}

  /** The scale on which differences are alike wherever they lie. */
  Link link() {
    return isLoss() ? Link.LOG : Link.LOGIT;
  }

  /** A value as the link takes it: ratings as shares of what they can be. */
  double linked(double value) {
    return isRating() ? (value - LEAST_RATING) / (BEST_RATING - LEAST_RATING) : value;
  }

  /** The other way. */
  double unlinked(double value) {
    return isRating() ? LEAST_RATING + value * (BEST_RATING - LEAST_RATING) : value;
  }

  /** A place on the link's scale as a value of the measure. */
  double unscaled(double scaled) {
    return unlinked(link().inverse(scaled));
  }

  /** What a model made of each problem, as the link takes it. */
  PooledMean linked(PooledMean problems) {
    double[] sums = problems.sums().clone();
    double[] weights = problems.weights();
    for (int i = 0; i < sums.length; i++) {
      sums[i] = linked(sums[i] / weights[i]) * weights[i];
    }
    return new PooledMean(sums, weights);
  }

  boolean isRating() {
    return !isLoss() && !isShare();
  }

  boolean isLoss() {
    return benchmark.isEmpty();
  }

  /** 1 where more is better, -1 for a loss. */
  int sign() {
    return isLoss() ? -1 : 1;
  }

  /** What a cell, or the base model, has of it; empty where the score is missing. */
  Optional<Observed> of(JsonNode model, boolean base) {
    if (isLoss()) {
      JsonNode stages = model.path("stages");
      JsonNode last = base ? model : stages.path(stages.size() - 1);
      JsonNode loss = last.path("held_out").path(source);
      return loss.isNumber() ? Optional.of(new Observed(loss.asDouble(), 0, 0)) : Optional.empty();
    }
    for (JsonNode score : model.path("scores").path(benchmark)) {
      if (score.path("name").asText().equals(name) && score.path("mode").asText("").equals(mode)) {
        JsonNode interval = score.path("interval");
        double width = interval.path(1).asDouble() - interval.path(0).asDouble();
        double error = width / 2 / NORMAL_97_5;
        long problems = score.path("total").asLong();
        return Optional.of(new Observed(score.path("score").asDouble(), error, problems));
      }
    }
    return Optional.empty();
  }

  /** Whether scores are shares, shown in percent; ratings and losses are not. */
  boolean isShare() {
    return !isLoss() && !benchmark.equals("mtbench");
  }

  /** A value or a difference, in percent for shares. */
  String text(double value) {
    return isShare()
        ? Units.format("%.1f", 100 * value)
        : Units.format(isLoss() ? "%.3f" : "%.2f", value);
  }

  /** Such as "math: gsm8k accuracy, rft (%)". */
  String label() {
    return title() + inUnit();
  }

  /** As much of the label as tells it from some others. */
  String shortLabel(List<Metric> others) {
    boolean alone = others.stream().filter(other -> other.source().equals(source)).count() == 1;
    String rule = rule().isEmpty() ? name : rule();
    return source + (alone ? "" : ", " + rule) + inUnit();
  }

  private String inUnit() {
    return " (%s)".formatted(isLoss() ? "nats" : isShare() ? "%" : "1 to 10");
  }

  /** The label without its unit. */
  String title() {
    String how = rule();
    return "%s: %s%s%s"
        .formatted(source, isLoss() ? "" : problems() + " ", name, how.isEmpty() ? "" : ", " + how);
  }

  /**
   * What tells a score's mode from others: the reference's name of its rule, or of the bundled
   * world's problems, which follow no reference, what the rule looks at.
   */
  private String rule() {
    return ofWorld ? WORLD_RULES.getOrDefault(mode, mode) : mode;
  }

  /** Whose problems they are; the bundled world's only have the form of a benchmark's. */
  String problems() {
    return ofWorld ? WORLD + source : benchmark;
  }

  /** What names its files and anchors. */
  String slug() {
    String score = isLoss() ? name : problems() + " " + name;
    return ResultFigures.slug(
        "%s: %s%s".formatted(source, score, mode.isEmpty() ? "" : ", " + mode));
  }

  /** What an axis says of its values. */
  String unit() {
    return isLoss() ? "held-out loss, nats" : name + (isShare() ? ", %" : ", 1 to 10");
  }

  /** An axis of its values, shares in percent, which ends where the measure does. */
  Axis axis() {
    double top = isShare() ? 100 : isLoss() ? Double.NaN : BEST_RATING;
    return Axis.bounded(unit(), isRating() ? LEAST_RATING : 0, top);
  }

  /** The nearest value that the measure can have, for the ends of intervals. */
  double bounded(double value) {
    double low = isLoss() || isShare() ? 0 : LEAST_RATING;
    double high = isLoss() ? Double.MAX_VALUE : isShare() ? 1 : BEST_RATING;
    return Math.max(low, Math.min(high, value));
  }
}
