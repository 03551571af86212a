package ai.dmt.study;

import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.ScoreReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one model said in the conversations of a benchmark whose answers have points.
 *
 * @param byId in the order of the report; conversations of which a turn has no points are left out
 */
record RatedConversations(Map<String, Conversation> byId) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One turn.
   *
   * @param prompt what was asked
   * @param completion what the model said; untrusted text
   * @param points of this answer
   */
  record Turn(String prompt, String completion, double points) {}

  /**
   * A conversation.
   *
   * @param turns at least one
   */
  record Conversation(List<Turn> turns) {
    /** Mean points of the turns. */
    double rating() {
      return turns.stream().mapToDouble(Turn::points).average().orElseThrow();
    }
  }

  /**
   * Reads an evaluation's folder. A conversation's lines are its turns in their order, and a turn's
   * number is that of the sample with its points.
   *
   * @return no conversations where files are missing or answers have no points
   */
  static RatedConversations read(Path folder) throws IOException {
    Path report = folder.resolve(CellEvaluation.REPORT_FILE);
    Path completions = folder.resolve(AnsweredItems.COMPLETIONS_FILE);
    Map<String, Conversation> conversations = new LinkedHashMap<>();
    if (!Files.exists(report) || !Files.exists(completions)) {
      return new RatedConversations(conversations);
    }
    Map<String, List<JsonNode>> lines = new LinkedHashMap<>();
    for (String line : Files.readAllLines(completions)) {
      JsonNode answer = JSON.readTree(line);
      lines.computeIfAbsent(answer.path("id").asText(), id -> new ArrayList<>()).add(answer);
    }
    Map<String, Map<Integer, Double>> points = new LinkedHashMap<>();
    for (ItemVerdict item : ScoreReport.read(report).items()) {
      if (item.score() != null) {
        points
            .computeIfAbsent(item.id(), id -> new LinkedHashMap<>())
            .put(item.sample() == null ? 0 : item.sample(), item.score());
      }
    }
    points.forEach(
        (id, ofTurn) -> {
          List<Turn> turns = new ArrayList<>();
          for (JsonNode line : lines.getOrDefault(id, List.of())) {
            Double rated = ofTurn.get(turns.size());
            if (rated == null) {
              return;
            }
            turns.add(
                new Turn(line.path("prompt").asText(), line.path("completion").asText(), rated));
          }
          if (!turns.isEmpty()) {
            conversations.put(id, new Conversation(List.copyOf(turns)));
          }
        });
    return new RatedConversations(conversations);
  }
}
