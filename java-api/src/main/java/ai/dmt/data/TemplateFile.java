package ai.dmt.data;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.text.JsonFaults;
import ai.dmt.internal.text.JsonText;
import ai.dmt.internal.text.TextFile;
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

  /**
   * Writes which template a model was trained with into its folder.
   *
   * @param folder that is there; the file is overwritten
   * @param template the one to prompt the model with
   * @throws UncheckedIOException if the file cannot be written
   */
  public static void write(Path folder, ChatTemplate template) {
    try {
      FileOutput.write(folder.resolve(NAME), text(template));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file's text for a template. */
  static String text(ChatTemplate template) {
    return content(template).toPrettyString() + "\n";
  }

  /**
   * {@return what stands in the file for a template: its name, and its source where it has one}
   *
   * @param template any
   */
  public static ObjectNode content(ChatTemplate template) {
    ObjectNode content = JSON.createObjectNode().put("name", template.name());
    if (template instanceof JinjaTemplate jinja) {
      content.put("source", jinja.source());
    }
    return content;
  }

  /**
   * {@return the template of a model: {@link #saved}, else {@link #own}; empty if it has neither}
   *
   * @param folder of the model
   * @throws ConfigException if such a file is there and cannot be used
   */
  public static Optional<ChatTemplate> read(Path folder) {
    return saved(folder).or(() -> own(folder));
  }

  /**
   * {@return the template that a model was trained with here; empty if the folder does not say}
   *
   * @param folder of the model
   * @throws ConfigException if the file is there and cannot be used
   */
  public static Optional<ChatTemplate> saved(Path folder) {
    Path file = folder.resolve(NAME);
    return Files.exists(file) ? Optional.of(open(file)) : Optional.empty();
  }

  /**
   * {@return a model's own Jinja template: its {@code chat_template.jinja}, else the {@code
   * chat_template} of its tokenizer_config.json; empty if it has neither. An adapter's folder
   * without a tokenizer has its base's}
   *
   * @param model folder
   * @throws ConfigException if such a file is there and cannot be used
   */
  public static Optional<ChatTemplate> own(Path model) {
    Path folder = AdapterFolder.tokenizerOf(model);
    Path file = folder.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      return Optional.of(open(file));
    }
    Path config = folder.resolve("tokenizer_config.json");
    return Files.exists(config)
        ? ofConfig(json(config).path("chat_template"), config)
        : Optional.empty();
  }

  /**
   * {@return a template in a file: Jinja if its name ends in {@code .jinja}, else JSON as {@link
   * #write} leaves it}
   *
   * @param file to read
   * @throws ConfigException if it cannot be used
   */
  public static ChatTemplate open(Path file) {
    return file.toString().endsWith(".jinja") ? jinja(text(file), file) : parse(json(file), file);
  }

  private static ChatTemplate parse(JsonNode content, Path file) {
    String name = content.path("name").asText();
    if (!name.equals(JinjaTemplate.NAME)) {
      try {
        return ChatTemplate.byName(name);
      } catch (ConfigException e) {
        throw new ConfigException(file + ": " + e.getMessage(), e);
      }
    }
    if (!content.path("source").isTextual()) {
      throw new ConfigException(file + ": template jinja needs its \"source\"");
    }
    return jinja(content.path("source").textValue(), file);
  }

  private static JinjaTemplate jinja(String source, Path file) {
    try {
      return new JinjaTemplate(source);
    } catch (ConfigException e) {
      throw new ConfigException(file + ": " + e.getMessage(), e);
    }
  }

  /** A text, or a list of named ones, of which "default" is taken. */
  private static Optional<ChatTemplate> ofConfig(JsonNode template, Path file) {
    if (template.isTextual()) {
      return Optional.of(jinja(template.textValue(), file));
    }
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        return Optional.of(jinja(named.path("template").asText(), file));
      }
    }
    return Optional.empty();
  }

  private static JsonNode json(Path file) {
    try {
      return JsonText.parse(text(file));
    } catch (JsonProcessingException e) {
      throw new ConfigException(file + ": malformed JSON: " + JsonFaults.sentence(e), e);
    }
  }

  private static String text(Path file) {
    try {
      return TextFile.read(file);
    } catch (TextFile.EncodingException e) {
      throw new ConfigException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ConfigException(
          Files.exists(file)
              ? file + ": cannot be read: " + Disk.reason(e)
              : file + ": no such template file",
          e);
    }
  }
}
