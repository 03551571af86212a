package ai.dmt.evaluation;

import java.nio.file.Path;

/**
 * A model folder under the name that its scores get.
 *
 * @param name such as "base" or "2-general"
 * @param folder with weights and tokenizer
 */
public record EvaluatedModel(String name, Path folder) {
  /**
   * {@return a model folder alone, under its own name}
   *
   * @param folder with weights and tokenizer
   */
  public static EvaluatedModel of(Path folder) {
    return new EvaluatedModel(folder.toAbsolutePath().normalize().getFileName().toString(), folder);
  }
}
