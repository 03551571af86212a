package ai.dmt.run;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.RopeConfig;
import ai.dmt.internal.files.Disk;
import ai.dmt.model.ConfigJson;
import ai.dmt.tokenizer.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;

/** A model with random weights, to pretrain. */
public final class FreshModel {
  private FreshModel() {}

  /**
   * Reads a shape from a config.json. Keys that are not there have LLaMA-1's values.
   *
   * @param file in Hugging Face's form
   * @return the shape of the model
   * @throws ConfigException if it cannot be read, a size is missing, or positions are stretched,
   *     which no fresh model needs
   */
  public static ModelConfig shape(Path file) {
    ConfigJson config = ConfigJson.read(file);
    JsonNode node = config.node();
    JsonNode rope = node.path("rope_parameters");
    if (node.hasNonNull("rope_scaling")
        || !rope.path("rope_type").asText("default").equals("default")) {
      throw new ConfigException(file + ": stretched positions are not for fresh models");
    }
    int hidden = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    return new ModelConfig(
        config.size("vocab_size"),
        hidden,
        config.size("intermediate_size"),
        config.size("num_hidden_layers"),
        heads,
        config.size("num_key_value_heads", heads),
        config.size("head_dim", hidden / heads),
        config.size("max_position_embeddings"),
        node.path("rms_norm_eps").asDouble(1e-6),
        node.path("initializer_range").asDouble(0.02),
        node.path("tie_word_embeddings").asBoolean(false),
        RopeConfig.of(node.path("rope_theta").asDouble(rope.path("rope_theta").asDouble(10000))));
  }

  /**
   * Writes a model folder in float32.
   *
   * @param shape layers, widths and vocabulary of the model
   * @param tokenizer folder whose tokenizer files are copied
   * @param seed the same seed gives the same weights everywhere
   * @param output folder of the model
   * @param overwrites whether a model in the output may be replaced
   * @throws ConfigException if the tokenizer has more tokens than the model, or the output is at
   *     fault
   * @throws IOException if the folder cannot be written
   */
  public static void write(
      ModelConfig shape, Path tokenizer, long seed, Path output, boolean overwrites)
      throws IOException {
    checkVocabulary(shape, tokenizer);
    OutputFolder.check(output, overwrites, 0);
    try (NativeEngine engine = NativeEngine.create(shape, seed, EngineConfig.inference())) {
      engine.save(output, DType.FLOAT32, tokenizer);
    }
  }

  private static void checkVocabulary(ModelConfig shape, Path folder) {
    try {
      ModelFolder.demandRegularFiles(folder);
    } catch (IOException e) {
      throw new ConfigException("%s: %s".formatted(folder, Disk.reason(e)), e);
    }
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      if (tokenizer.vocabSize() > shape.vocabSize()) {
        throw new ConfigException(
            "the tokenizer in %s has %s tokens, more than vocab_size=%s"
                .formatted(folder, tokenizer.vocabSize(), shape.vocabSize()));
      }
    }
  }
}
