package ai.dmt.strategies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Plans as text, the same in every locale. */
final class PlanText {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final List<String> HEAD =
      List.of(
          "stage",
          "samples",
          "replayed",
          "tokens",
          "epochs",
          "steps",
          "learning rate",
          "optimizer");

  private PlanText() {}

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static String json(SchedulePlan plan) {
    ObjectNode node = JSON.valueToTree(plan);
    node.put("total_steps", plan.totalSteps());
    try {
      return JSON.writeValueAsString(node) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a plan can be written", e);
    }
  }

  static String table(SchedulePlan plan) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    plan.stages().forEach(stage -> rows.add(row(stage)));
    StringBuilder text = new StringBuilder();
    text.append(
        "%s: %s stages, %s steps of %s samples\n\n"
            .formatted(
                plan.name(),
                plan.stages().size(),
                count(plan.totalSteps()),
                plan.globalBatchSize()));
    int[] widths = widths(rows);
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        boolean left = c == 0 || c >= 6;
        line.append(pad(row.get(c), widths[c], left)).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    text.append('\n');
    for (SchedulePlan.PlannedStage stage : plan.stages()) {
      text.append(
          "%s: %s (key %s)\n"
              .formatted(
                  stage.name(),
                  stage.samples().entrySet().stream()
                      .map(each -> each.getKey() + " " + count(each.getValue()))
                      .collect(Collectors.joining(", ")),
                  stage.key()));
    }
    if (!plan.notStated().isEmpty()) {
      text.append("\nnot stated in the paper:\n");
      plan.notStated().forEach(value -> text.append("- ").append(value).append('\n'));
    }
    return text.toString();
  }

  private static List<String> row(SchedulePlan.PlannedStage stage) {
    return List.of(
        stage.name(),
        count(stage.totalSamples()),
        count(stage.replayed()),
        stage.tokens() < 0 ? "?" : count(stage.tokens()),
        count(stage.epochs()),
        count(stage.steps()),
        stage.learningRate().stream()
                .map(rate -> String.format(Locale.ROOT, "%.2e", rate))
                .collect(Collectors.joining(" > "))
            + " "
            + stage.learningRatePolicy(),
        stage.optimizerState());
  }

  private static int[] widths(List<List<String>> rows) {
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    return widths;
  }

  private static String pad(String text, int width, boolean left) {
    String space = " ".repeat(width - text.length());
    return left ? text + space : space + text;
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
