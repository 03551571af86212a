package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.config.JsonFaults;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The template in a model's folder: which one a model was trained with, so that generation and
 * evaluation use the same.
 */
public final class TemplateFile {
  /** Its name: {@code {"name": "vicuna_v1.1"}}, or the name "jinja" and the source. */
  public static final String NAME = "dmt_template.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private TemplateFile() {}

  /** Writes which template a model was trained with into its folder. */
  public static void write(Path folder, ChatTemplate template) {
    try {
      Files.writeString(
          folder.resolve(NAME),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content(template)) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What stands in the file for a template: its name, and its source where it has one. */
  public static ObjectNode content(ChatTemplate template) {
    ObjectNode content = JSON.createObjectNode().put("name", template.name());
    if (template instanceof JinjaTemplate jinja) {
      content.put("source", jinja.source());
    }
    return content;
  }

  /**
   * The template of a model: the one it was trained with here, else its own {@code
   * chat_template.jinja}, else the {@code chat_template} of its tokenizer_config.json; empty if it
   * has none.
   *
   * @throws ConfigException if such a file is there and cannot be used
   */
  public static Optional<ChatTemplate> read(Path folder) {
    Path file = folder.resolve(NAME);
    try {
      if (Files.exists(file)) {
        return Optional.of(parse(JSON.readTree(Files.readString(file)), file));
      }
      file = folder.resolve("chat_template.jinja");
      if (Files.exists(file)) {
        return Optional.of(new JinjaTemplate(Files.readString(file)));
      }
      file = folder.resolve("tokenizer_config.json");
      return Files.exists(file)
          ? ofConfig(JSON.readTree(Files.readString(file)).path("chat_template"))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      throw new ConfigException(file + ": malformed JSON: " + JsonFaults.sentence(e));
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read: " + e.getMessage());
    }
  }

  private static ChatTemplate parse(JsonNode content, Path file) {
    String name = content.path("name").asText();
    if (!name.equals(JinjaTemplate.NAME)) {
      return ChatTemplate.byName(name);
    }
    if (!content.path("source").isTextual()) {
      throw new ConfigException(file + ": template jinja needs its \"source\"");
    }
    return new JinjaTemplate(content.path("source").textValue());
  }

  /** A text, or a list of named ones, of which "default" is taken. */
  private static Optional<ChatTemplate> ofConfig(JsonNode template) {
    if (template.isTextual()) {
      return Optional.of(new JinjaTemplate(template.textValue()));
    }
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        return Optional.of(new JinjaTemplate(named.path("template").asText()));
      }
    }
    return Optional.empty();
  }
}
