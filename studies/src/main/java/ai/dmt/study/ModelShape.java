package ai.dmt.study;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.ModelConfig;
import ai.dmt.internal.text.Faults;
import ai.dmt.model.ModelInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * As much of a LLaMA's shape as its operations follow from, by config.json's names.
 *
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width inside the feed-forward network
 * @param numHiddenLayers decoder blocks
 * @param numAttentionHeads attention heads, which are hiddenSize wide together
 * @param numKeyValueHeads heads of keys and values
 */
public record ModelShape(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int numKeyValueHeads) {
  /**
   * Checks ranges.
   *
   * @param vocabSize at least 1
   * @param hiddenSize at least 1
   * @param intermediateSize at least 1
   * @param numHiddenLayers at least 1
   * @param numAttentionHeads at least 1
   * @param numKeyValueHeads at least 1
   */
  public ModelShape {
    new Faults("shape")
        .positive("vocab_size", vocabSize)
        .positive("hidden_size", hiddenSize)
        .positive("intermediate_size", intermediateSize)
        .positive("num_hidden_layers", numHiddenLayers)
        .positive("num_attention_heads", numAttentionHeads)
        .positive("num_key_value_heads", numKeyValueHeads)
        .throwIfAny();
  }

  /**
   * {@return what is used where a study says nothing: LLaMA's vocabulary; the rest must be said}
   */
  public static Map<String, Object> defaults() {
    return Map.of("vocabSize", 32000);
  }

  /** Reads a model folder. */
  static ModelShape of(Path folder) {
    Path file = AdapterFolder.modelOf(folder).resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new ConfigException(
          "the hours of GPUs need the model's shape: there is no %s, so give cost.shape"
              .formatted(file));
    }
    ModelConfig shape = ModelInfo.shape(folder);
    return new ModelShape(
        shape.vocabSize(),
        shape.hiddenSize(),
        shape.intermediateSize(),
        shape.layers(),
        shape.heads(),
        shape.kvHeads());
  }

  /**
   * Operations of training for each token, as {@link ModelConfig#trainingFlopsPerToken} has them.
   *
   * @param length of the sample that the token is in, in tokens
   */
  double trainingFlopsPerToken(double length) {
    return ModelConfig.llama(
            vocabSize,
            hiddenSize,
            intermediateSize,
            numHiddenLayers,
            numAttentionHeads,
            numKeyValueHeads,
            1)
        .trainingFlopsPerToken(length);
  }
}
