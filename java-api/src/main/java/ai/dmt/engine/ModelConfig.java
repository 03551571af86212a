package ai.dmt.engine;

import ai.dmt.internal.text.Faults;

/**
 * Shape of a LlamaForCausalLM; the names are those of config.json.
 *
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width inside the feed-forward network
 * @param layers decoder blocks
 * @param heads attention heads
 * @param kvHeads heads of keys and values; divides {@code heads}
 * @param headDim width of a head; even
 * @param maxPositionEmbeddings longest document in tokens
 * @param rmsNormEps added under the root of the norms
 * @param initializerRange deviation of fresh weights
 * @param tieWordEmbeddings whether the output projection is the embedding
 * @param rope positions
 */
public record ModelConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int maxPositionEmbeddings,
    double rmsNormEps,
    double initializerRange,
    boolean tieWordEmbeddings,
    RopeConfig rope) {

  /**
   * Checks ranges and that the heads fit.
   *
   * @param vocabSize at least 1
   * @param hiddenSize at least 1
   * @param intermediateSize at least 1
   * @param layers at least 1
   * @param heads a multiple of {@code kvHeads}
   * @param kvHeads at least 1
   * @param headDim even, at least 2
   * @param maxPositionEmbeddings at least 1
   * @param rmsNormEps finite, above 0
   * @param initializerRange finite, at least 0
   * @param tieWordEmbeddings true for one tensor in both places
   * @param rope not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ModelConfig {
    new Faults("model")
        .positive("vocabSize", vocabSize)
        .positive("hiddenSize", hiddenSize)
        .positive("intermediateSize", intermediateSize)
        .positive("layers", layers)
        .positive("heads", heads)
        .positive("kvHeads", kvHeads)
        .require(
            kvHeads <= 0 || heads % kvHeads == 0,
            "heads=%s must be a multiple of kvHeads=%s".formatted(heads, kvHeads))
        .require(headDim > 0 && headDim % 2 == 0, "headDim must be even, got " + headDim)
        .positive("maxPositionEmbeddings", maxPositionEmbeddings)
        .positive("rmsNormEps", rmsNormEps)
        .notNegative("initializerRange", initializerRange)
        .present("rope", rope)
        .throwIfAny();
  }

  /**
   * A model of LLaMA-1's kind: {@code headDim = hiddenSize / heads}, theta 10000, norms with 1e-6,
   * fresh weights with deviation 0.02, no tied embeddings.
   *
   * @param vocabSize at least 1
   * @param hiddenSize an even multiple of {@code heads}
   * @param intermediateSize at least 1
   * @param layers at least 1
   * @param heads a multiple of {@code kvHeads}
   * @param kvHeads at least 1
   * @param maxPositionEmbeddings longest document in tokens, at least 1
   * @return the shape
   * @throws ai.dmt.config.ConfigException if a size is not positive, {@code hiddenSize} is no even
   *     multiple of {@code heads}, or {@code heads} is no multiple of {@code kvHeads}
   */
  public static ModelConfig llama(
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int layers,
      int heads,
      int kvHeads,
      int maxPositionEmbeddings) {
    new Faults("model")
        .require(
            heads > 0 && hiddenSize % heads == 0,
            "hiddenSize=%s must be a multiple of heads=%s".formatted(hiddenSize, heads))
        .throwIfAny();
    return new ModelConfig(
        vocabSize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        kvHeads,
        hiddenSize / heads,
        maxPositionEmbeddings,
        1e-6,
        0.02,
        false,
        RopeConfig.of(10000));
  }

  /** {@return elements of all weights} */
  public long parameters() {
    long vocabulary = (long) vocabSize * hiddenSize;
    return layers * blockParameters() + hiddenSize + (tieWordEmbeddings ? 1 : 2) * vocabulary;
  }

  /** Elements of a block: projections, feed-forward network and two norms. */
  long blockParameters() {
    long attention = (long) heads * headDim;
    long keyValues = (long) kvHeads * headDim;
    return hiddenSize * (2 * attention + 2 * keyValues + 3L * intermediateSize + 2);
  }

  /**
   * {@return floating-point operations of a training step for each token of a sequence: forward and
   * backward, nothing computed twice, causal attention; a multiplication with an addition counts as
   * two. 6 (weights of blocks and output projection) + 6 layers (width of attention) length}
   *
   * @param length of the sequence in tokens
   */
  public double trainingFlopsPerToken(double length) {
    double weights = (double) vocabSize * hiddenSize + (double) layers * blockParameters();
    return 6 * (weights + (double) layers * heads * headDim * length);
  }

  /** {@return a copy whose output projection is the embedding} */
  public ModelConfig withTiedEmbeddings() {
    return new ModelConfig(
        vocabSize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        kvHeads,
        headDim,
        maxPositionEmbeddings,
        rmsNormEps,
        initializerRange,
        true,
        rope);
  }

  /**
   * {@return a copy with another {@link #initializerRange()}}
   *
   * @param range finite, at least 0
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ModelConfig withInitializerRange(double range) {
    return new ModelConfig(
        vocabSize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        kvHeads,
        headDim,
        maxPositionEmbeddings,
        rmsNormEps,
        range,
        tieWordEmbeddings,
        rope);
  }
}
