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

  /** The model card, which people write and change. */
  public static final String CARD = "README.md";

  /** The record of what a model was made of; scores are added to it later. */
  public static final String PROVENANCE = "provenance.json";

  private ModelFiles() {}

  /**
   * {@return whether a file of a model keeps its bytes, and so has a checksum}
   *
   * @param name without its folder
   */
  public static boolean isSealed(String name) {
    return !name.equals(CARD) && !name.equals(PROVENANCE);
  }

  /**
   * {@return whether a file of this name belongs to a model, and goes when another one takes its
   * place}
   *
   * @param name without its folder
   */
  public static boolean isModelFile(String name) {
    return List.of(
                "config.json",
                "generation_config.json",
                "adapter_config.json",
                "dmt_adapter.json",
                "dmt_template.json",
                Checksums.NAME,
                TensorSums.NAME)
            .contains(name)
        || name.endsWith(".safetensors")
        || name.endsWith(".safetensors.index.json")
        || OF_TOKENIZER.contains(name);
  }
}
