package ai.dmt.recipe.foreign;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One recipe on its way.
 *
 * @param root of the file
 * @param keys of the root
 * @param draft takes what there is a counterpart for
 * @param unmapped takes the rest
 * @param options see {@link ForeignRecipe.Options}
 */
record Import(
    ObjectNode root,
    Keys keys,
    Draft draft,
    List<Unmapped> unmapped,
    ForeignRecipe.Options options) {
  /** Templates of other programs under our names. */
  private static final Map<String, String> TEMPLATES =
      Map.ofEntries(
          Map.entry("alpaca", "alpaca"),
          Map.entry("vicuna", "vicuna_v1.1"),
          Map.entry("vicuna_v1.1", "vicuna_v1.1"),
          Map.entry("llama2", "llama-2-chat"),
          Map.entry("llama-2-chat", "llama-2-chat"),
          Map.entry("llama2_chat", "llama-2-chat"),
          Map.entry("llama3", "llama-3"),
          Map.entry("llama-3", "llama-3"),
          Map.entry("chatml", "chatml"),
          Map.entry("zephyr", "zephyr"),
          Map.entry("tokenizer_default", "chat_template"),
          Map.entry("empty", "plain"));

  /** The base model, which is a folder here. */
  void model(String key, String name) {
    String folder = draft.path(name);
    draft.top("model", folder);
    if (!Files.isDirectory(Path.of(folder))) {
      keys.tell(key, name, "no folder here: download the model, and set model to its folder");
    }
  }

  /** The template; the model's own where there is none of the name. */
  void template(String key, String name) {
    String ours = TEMPLATES.get(name);
    if (ours == null) {
      keys.tell(
          key, name, "there is no template of this name: the model's own chat_template is taken");
      ours = "chat_template";
    }
    draft.data("template", ours);
  }

  /** What trains a part of the weights otherwise is refused unless all were asked for. */
  void adapters(String key, String value) {
    if (!options.full()) {
      throw new ConfigException(
          ("%s: %s trains a part of the weights, and dmt trains all of them or a LoRA adapter; --full"
                  + " imports it as full fine-tuning (which wants a learning rate some ten times"
                  + " smaller)")
              .formatted(key, value));
    }
    keys.tell(key, value, "all weights are trained, as --full says: learning_rate may be too high");
  }

  /** What is no supervised fine-tuning. */
  static ConfigException otherTask(String key, String value) {
    return new ConfigException(
        "%s: %s is no supervised fine-tuning, which is all that dmt does".formatted(key, value));
  }

  /** Files of a data set, or word that there are none. */
  List<String> dataFiles(Keys of, String key, String written) {
    List<String> files = draft.files(written);
    if (files.isEmpty()) {
      of.tell(key, written, "no file here: download it, and set files of the source to it");
      return List.of(written);
    }
    return files;
  }

  /** A name for a source: that of its file without endings. */
  static String sourceName(String path) {
    String name =
        path.substring(path.lastIndexOf('/') + 1).replaceAll("\\.(jsonl?|parquet).*$", "");
    String safe = name.replaceAll("[^A-Za-z0-9_-]", "_");
    return safe.isEmpty() ? "data" : safe;
  }
}
