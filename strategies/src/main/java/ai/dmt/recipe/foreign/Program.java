package ai.dmt.recipe.foreign;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;

/** Whose recipe a file is, told by its keys. */
enum Program {
  AXOLOTL("axolotl", List.of("base_model")) {
    @Override
    void read(Import job) {
      new Axolotl(job).read();
    }
  },
  LLAMA_FACTORY(
      "LLaMA-Factory",
      List.of("stage", "finetuning_type", "dataset", "cutoff_len", "dataset_dir", "do_train")) {
    @Override
    void read(Import job) {
      new LlamaFactory(job).read();
    }
  },
  TRL(
      "TRL",
      List.of("dataset_name", "datasets", "max_length", "max_seq_length", "dataset_train_split")) {
    @Override
    void read(Import job) {
      new Trl(job).read();
    }
  };

  private final String title;
  private final List<String> signs;

  Program(String title, List<String> signs) {
    this.title = title;
    this.signs = signs;
  }

  String title() {
    return title;
  }

  abstract void read(Import job);

  /**
   * @throws ConfigException if it is nobody's that is known
   */
  static Program of(JsonNode recipe, String file) {
    if (recipe.has("sources")) {
      throw new ConfigException(file + " is a recipe of dmt already: it has the key \"sources\"");
    }
    boolean model = recipe.has("model_name_or_path");
    return Arrays.stream(values())
        .filter(each -> each == AXOLOTL || model)
        .filter(each -> each.signs.stream().anyMatch(recipe::has))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    ("%s is no recipe of LLaMA-Factory, axolotl or TRL: expected base_model"
                            + " (axolotl), or model_name_or_path with dataset (LLaMA-Factory) or"
                            + " dataset_name (TRL)")
                        .formatted(file)));
  }
}
