package ai.dmt.completion;

import ai.dmt.data.Conversation;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads JSON lines of {@code {"id", "prompt"}} or {@code {"id", "messages": [{"role",
 * "content"}]}}; the id may be left out.
 */
public final class PromptFile {
  private PromptFile() {}

  /**
   * Reads a file; plain or gzip; blank lines are passed over.
   *
   * @param file in UTF-8
   * @return at least one prompt, in the order of the file
   * @throws DataException naming file and line, if a line is malformed or there is none
   */
  public static List<PromptRecord> read(Path file) {
    List<PromptRecord> prompts = JsonLines.read(file, PromptFile::prompt);
    if (prompts.isEmpty()) {
      throw new DataException(
          new Origin(file.toString(), 0), "has no prompts, expected at least one");
    }
    return prompts;
  }

  private static PromptRecord prompt(JsonRecord line) {
    JsonNode node = line.node();
    Origin origin = line.origin();
    boolean oneOfBoth = node.has("prompt") != node.has("messages");
    if (!oneOfBoth) {
      throw new DataException(
          origin, "expected an object with either \"prompt\" or \"messages\", got " + shape(node));
    }
    String id = node.path("id").asText("");
    if (id.isEmpty()) {
      id = Long.toString(origin.line());
    }
    if (node.has("messages")) {
      return new PromptRecord(id, origin, null, messages(id, origin, node.get("messages")));
    }
    String prompt = text(node, "prompt", origin);
    return new PromptRecord(
        id, origin, prompt, new Conversation(id, origin, List.of(Turn.user(prompt))));
  }

  private static Conversation messages(String id, Origin origin, JsonNode messages) {
    if (!messages.isArray()) {
      throw new DataException(
          origin, "\"messages\" must be an array, got " + messages.getNodeType());
    }
    List<Turn> turns = new ArrayList<>();
    for (JsonNode message : messages) {
      turns.add(
          new Turn(role(text(message, "role", origin), origin), text(message, "content", origin)));
    }
    Conversation conversation = new Conversation(id, origin, turns);
    if (conversation.answered()) {
      throw new DataException(origin, "the last message must be the user's");
    }
    return conversation;
  }

  private static Role role(String name, Origin origin) {
    return switch (name) {
      case "system" -> Role.SYSTEM;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      default ->
          throw new DataException(
              origin, "\"role\" is \"%s\", expected system, user or assistant".formatted(name));
    };
  }

  private static String text(JsonNode node, String field, Origin origin) {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw new DataException(
          origin,
          "\"%s\" must be a string, got %s"
              .formatted(field, value.isMissingNode() ? "nothing" : value.getNodeType()));
    }
    return value.textValue();
  }

  private static String shape(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return "the fields " + names;
  }
}
