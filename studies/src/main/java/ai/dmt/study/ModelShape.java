package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
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
  /** A multiplication and an addition, once forward and twice backward. */
  private static final double OPERATIONS = 6;

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
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new ConfigException(
          "the hours of GPUs need the model's shape: there is no %s, so give cost.shape"
              .formatted(file));
    }
    try {
      JsonNode config = new ObjectMapper().readTree(file.toFile());
      int heads = config.path("num_attention_heads").asInt();
      return new ModelShape(
          config.path("vocab_size").asInt(),
          config.path("hidden_size").asInt(),
          config.path("intermediate_size").asInt(),
          config.path("num_hidden_layers").asInt(),
          heads,
          config.path("num_key_value_heads").asInt(heads));
    } catch (IOException e) {
      throw new ConfigException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Elements of one block: its projections, feed-forward network and two norms. */
  private double block() {
    double keyValues = (double) hiddenSize * numKeyValueHeads / numAttentionHeads;
    return 2.0 * hiddenSize * (hiddenSize + keyValues)
        + 3.0 * hiddenSize * intermediateSize
        + 2.0 * hiddenSize;
  }

  /**
   * Operations of training for each token, as {@code NativeEngine.trainingFlopsPerToken} has them:
   * forward and backward, nothing computed twice, causal attention.
   *
   * @param length of the sample that the token is in, in tokens
   */
  double trainingFlopsPerToken(double length) {
    double weights = (double) vocabSize * hiddenSize + numHiddenLayers * block();
    double attention = (double) numHiddenLayers * hiddenSize * length;
    return OPERATIONS * (weights + attention);
  }
}
