package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a user may write where a template is asked for: a name of {@link ChatTemplate#names}, {@link
 * #CHAT_TEMPLATE}, or a file that ends in {@code .jinja} (the template's text) or {@code .json} (as
 * {@link TemplateFile} writes it).
 */
public final class TemplateNames {
  /** The model's own Jinja template. */
  public static final String CHAT_TEMPLATE = "chat_template";

  private TemplateNames() {}

  /** {@return every name; files come beside them} */
  public static List<String> all() {
    List<String> names = new ArrayList<>(ChatTemplate.names());
    names.add(CHAT_TEMPLATE);
    return List.copyOf(names);
  }

  /** {@return names of templates that mark answers: all but "none"} */
  public static List<String> trainable() {
    return all().stream().filter(name -> !name.equals(PromptTemplate.NAME)).toList();
  }

  /**
   * {@return whether a word means a file: it ends in {@code .jinja} or {@code .json}}
   *
   * @param word as a user wrote it
   */
  public static boolean isFile(String word) {
    return word.endsWith(".jinja") || word.endsWith(".json");
  }

  /**
   * {@return what is wrong with a word, as far as it can be told without files; empty if nothing}
   *
   * @param word as a user wrote it
   * @param names that are allowed beside files, at least one
   */
  public static Optional<String> fault(String word, List<String> names) {
    return names.contains(word) || isFile(word)
        ? Optional.empty()
        : Optional.of(
            "no template is named \"%s\"; did you mean %s? Known are %s, and files ending in .jinja or .json"
                .formatted(
                    word, NearestName.of(word, names).orElseThrow(), String.join(", ", names)));
  }

  /**
   * {@return the template that a word means}
   *
   * @param word as a user wrote it
   * @param model folder for {@link #CHAT_TEMPLATE}
   * @throws ConfigException if there is none, or its file cannot be used
   */
  public static ChatTemplate find(String word, Path model) {
    fault(word, all())
        .ifPresent(
            fault -> {
              throw new ConfigException(fault);
            });
    if (word.equals(CHAT_TEMPLATE)) {
      return TemplateFile.own(model)
          .orElseThrow(
              () ->
                  new ConfigException(
                      "template chat_template: %s has neither chat_template.jinja nor a chat_template in tokenizer_config.json"
                          .formatted(model)));
    }
    return isFile(word) ? TemplateFile.open(Path.of(word)) : ChatTemplate.byName(word);
  }
}
