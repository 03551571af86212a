package ai.dmt.watch;

import ai.dmt.internal.text.JsonText;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A line of {@code metrics.jsonl}. Numbers that are not there are NaN, or 0 where they count.
 *
 * @param evaluation whether it is of held-out samples; else it is of a step
 * @param stage name of the stage; empty before the first step
 * @param step optimizer steps done
 * @param totalSteps of the run
 * @param loss mean over label tokens
 * @param sources loss and label tokens by source
 * @param gradientNorm before it was clipped
 * @param learningRate of the step
 * @param tokens of the step
 * @param stepMillis that the step took
 * @param tokensPerSecond of the step
 * @param residentBytes of the process that trains
 * @param gpuBytes in use of its GPU, by whichever processes
 */
public record MetricLine(
    boolean evaluation,
    String stage,
    long step,
    long totalSteps,
    double loss,
    Map<String, SourceLoss> sources,
    double gradientNorm,
    double learningRate,
    long tokens,
    double stepMillis,
    double tokensPerSecond,
    double residentBytes,
    double gpuBytes) {
  private static final String LOSS = "loss";

  /**
   * Loss of a source.
   *
   * @param loss mean over label tokens
   * @param labelTokens that it is a mean of
   */
  public record SourceLoss(double loss, long labelTokens) {}

  /**
   * Reads a line.
   *
   * @param line without its end
   * @return empty if it is no line of metrics
   */
  public static Optional<MetricLine> parse(String line) {
    JsonNode node;
    try {
      node = JsonText.parse(line);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    String type = node.path("type").asText();
    boolean evaluation = type.equals("evaluation");
    if (!(evaluation || type.equals("step")) || !node.path("step").isIntegralNumber()) {
      return Optional.empty();
    }
    Map<String, SourceLoss> sources = new LinkedHashMap<>();
    node.path("sources")
        .properties()
        .forEach(
            source ->
                sources.put(
                    source.getKey(),
                    new SourceLoss(
                        number(source.getValue().path(LOSS)),
                        source.getValue().path("label_tokens").asLong())));
    return Optional.of(
        new MetricLine(
            evaluation,
            node.path("stage").asText(),
            node.path("step").asLong(),
            node.path("total_steps").asLong(),
            number(node.path(LOSS)),
            sources,
            number(node.path("grad_norm")),
            number(node.path("learning_rate")),
            node.path("tokens").asLong(),
            number(node.path("step_ms")),
            number(node.path("tokens_per_s")),
            number(node.path("resident_bytes")),
            number(node.path("gpu_bytes"))));
  }

  /** What is not finite may be written as a word. */
  private static double number(JsonNode node) {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    try {
      return node.isTextual() ? Double.parseDouble(node.textValue()) : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
