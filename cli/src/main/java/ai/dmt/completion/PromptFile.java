package ai.dmt.completion;

import ai.dmt.config.JsonFaults;
import ai.dmt.data.Conversation;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads JSON lines of {@code {"id", "prompt"}} or {@code {"id", "messages": [{"role",
 * "content"}]}}; the id may be left out.
 */
public final class PromptFile {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private PromptFile() {}

  /**
   * Reads a file; blank lines are passed over.
   *
   * @throws DataException naming file and line, if a line is malformed or there is none
   */
  public static List<PromptRecord> read(Path file) {
    List<PromptRecord> prompts = new ArrayList<>();
    long line = 0;
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        line++;
        if (!text.isBlank()) {
          prompts.add(prompt(text, new Origin(file.toString(), line)));
        }
      }
    } catch (NoSuchFileException e) {
      throw new DataException(new Origin(file.toString(), 0), "no such file", e);
    } catch (CharacterCodingException e) {
      throw new DataException(
          new Origin(file.toString(), line + 1), "the line is not valid UTF-8", e);
    } catch (IOException e) {
      throw new DataException(
          new Origin(file.toString(), 0), "cannot be read: " + e.getMessage(), e);
    }
    if (prompts.isEmpty()) {
      throw new DataException(
          new Origin(file.toString(), 0), "has no prompts, expected at least one");
    }
    return prompts;
  }

  private static PromptRecord prompt(String text, Origin origin) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new DataException(origin, "malformed JSON: " + JsonFaults.sentence(e), e);
    }
    boolean oneOfBoth = node.has("prompt") != node.has("messages");
    if (!node.isObject() || !oneOfBoth) {
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
    return node.isObject() ? "the fields " + names : "" + node.getNodeType();
  }
}
