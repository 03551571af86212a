package ai.dmt.internal.files;

import java.util.List;

/** What the files of a model are called. */
public final class ModelFiles {
  /** Files that belong to a tokenizer. */
  public static final List<String> OF_TOKENIZER =
      List.of(
          "tokenizer.model",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  private ModelFiles() {}

  /**
   * {@return whether a file of this name belongs to a model, and goes when another one takes its
   * place}
   *
   * @param name without its folder
   */
  public static boolean isModelFile(String name) {
    return List.of("config.json", "generation_config.json", "dmt_template.json", Checksums.NAME)
            .contains(name)
        || name.endsWith(".safetensors")
        || name.endsWith(".safetensors.index.json")
        || OF_TOKENIZER.contains(name);
  }
}
