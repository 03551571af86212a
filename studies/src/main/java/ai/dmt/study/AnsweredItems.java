package ai.dmt.study;

import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.ScoreReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one model answered to a benchmark, and which answers count as solved.
 *
 * @param items by the problem's id, in the order of the report
 */
record AnsweredItems(Map<String, Item> items) {
  /** Name of the file of completions in an evaluation's folder. */
  static final String COMPLETIONS_FILE = "completions.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An answer.
   *
   * @param prompt what was asked
   * @param completion what the model said; untrusted text
   * @param verdict in the benchmark's word
   */
  record Item(String prompt, String completion, String verdict, boolean solved) {}

  /**
   * Reads an evaluation's folder.
   *
   * @param mode whose verdicts count; empty for the report's only one
   * @return no items where files are missing or items have points instead of being solved or not
   */
  static AnsweredItems read(Path folder, String mode) throws IOException {
    Path report = folder.resolve(CellEvaluation.REPORT_FILE);
    Path completions = folder.resolve(COMPLETIONS_FILE);
    Map<String, Item> items = new LinkedHashMap<>();
    if (!Files.exists(report) || !Files.exists(completions)) {
      return new AnsweredItems(items);
    }
    Map<String, JsonNode> answers = new LinkedHashMap<>();
    for (String line : Files.readAllLines(completions)) {
      JsonNode answer = JSON.readTree(line);
      answers.putIfAbsent(answer.path("id").asText(), answer);
    }
    for (ItemVerdict item : ScoreReport.read(report).items()) {
      boolean counts = mode.isEmpty() || mode.equals(item.mode());
      boolean first = item.sample() == null || item.sample() == 0;
      JsonNode answer = answers.get(item.id());
      if (counts && first && item.score() == null && answer != null) {
        items.putIfAbsent(
            item.id(),
            new Item(
                answer.path("prompt").asText(),
                answer.path("completion").asText(),
                item.verdict(),
                item.solved()));
      }
    }
    return new AnsweredItems(items);
  }
}
