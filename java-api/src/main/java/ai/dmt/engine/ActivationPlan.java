package ai.dmt.engine;

/**
 * The most that activations and temporaries of a micro-batch take at a time. The engine hands them
 * out like a stack; this goes through its passes (native/src/model/llama.cpp, decoder_block.cpp) in
 * the same order, and adds up what each takes.
 */
final class ActivationPlan {
  /** Each tensor begins at a multiple of it. */
  private static final long ALIGNMENT = 256;

  /** A GPU sums weight gradients of norms in so many strips of rows at most. */
  private static final long NORM_STRIPS = 512;

  private final EngineConfig config;
  private final boolean gpu;
  private final long element;
  private final long layers;
  private final long hidden;
  private final long intermediate;
  private final long heads;
  private final long attention;
  private final long queriesKeysValues;
  private final long vocabularyRows;
  private final boolean roundsGradients;

  private long used;
  private long peak;

  ActivationPlan(ModelConfig model, EngineConfig config, long vocabularyRows) {
    this.config = config;
    this.vocabularyRows = vocabularyRows;
    gpu = config.device().isCuda();
    element = UnitSizes.bytes(config.computeDType());
    layers = model.layers();
    hidden = model.hiddenSize();
    intermediate = model.intermediateSize();
    heads = model.heads();
    attention = heads * model.headDim();
    queriesKeysValues = (heads + 2L * model.kvHeads()) * model.headDim();
    roundsGradients = config.gradientDType() != DType.FLOAT32;
  }

  /** Bytes of forward and backward. @param labels of the tokens */
  long training(long tokens, long labels) {
    begin(tokens);
    train(tokens, labels);
    return peak;
  }

  /** Bytes of a pass forward alone. @param tokens of the micro-batch, all of them labels */
  long evaluation(long tokens) {
    begin(tokens);
    evaluate(tokens);
    return peak;
  }

  private void begin(long tokens) {
    used = 0;
    peak = 0;
    take(tokens * hidden);
  }

  private void train(long tokens, long labels) {
    for (int layer = 0; layer < layers; layer++) {
      take(tokens * hidden);
      keep(tokens);
      completed(tokens, false);
    }
    take(tokens * hidden);
    loss(labels, true);
    backward(tokens);
  }

  private void evaluate(long tokens) {
    take(tokens * hidden);
    long before = used;
    take(tokens * queriesKeysValues);
    take(tokens * hidden);
    takeFloats(tokens);
    take(tokens * attention);
    takeFloats(heads * tokens);
    feedForward(tokens);
    used = before;
    loss(tokens, false);
  }

  /** What a block leaves for its backward pass. */
  private void keep(long tokens) {
    if (config.recompute() == Recompute.FULL) {
      return;
    }
    take(tokens * attention);
    takeFloats(heads * tokens);
    if (config.recompute() == Recompute.ATTENTION) {
      return;
    }
    take(tokens * queriesKeysValues);
    take(tokens * hidden);
    take(tokens * 2 * intermediate);
    if (config.recompute() == Recompute.CHEAP) {
      return;
    }
    takeFloats(tokens);
    take(tokens * hidden);
    takeFloats(tokens);
    take(tokens * hidden);
    take(tokens * intermediate);
  }

  /** What a block needs beyond what it keeps; given back unless it stays for the backward pass. */
  private void completed(long tokens, boolean stays) {
    long before = used;
    Recompute level = config.recompute();
    if (level != Recompute.NONE) {
      takeFloats(tokens);
      take(tokens * hidden);
    }
    if (level == Recompute.ATTENTION || level == Recompute.FULL) {
      take(tokens * queriesKeysValues);
    }
    if (level == Recompute.FULL) {
      take(tokens * attention);
      takeFloats(heads * tokens);
    }
    if (level != Recompute.NONE) {
      takeFloats(tokens);
      take(tokens * hidden);
    }
    boolean computesResidual = !stays || level == Recompute.ATTENTION || level == Recompute.FULL;
    if (level == Recompute.ATTENTION || level == Recompute.FULL) {
      take(tokens * hidden);
    }
    if (computesResidual) {
      sumWithNorm(tokens);
    }
    if (level == Recompute.ATTENTION || level == Recompute.FULL) {
      take(tokens * 2 * intermediate);
    }
    if (level != Recompute.NONE) {
      take(tokens * intermediate);
    }
    if (!stays) {
      used = before;
    }
  }

  /** The second half of a block that keeps nothing. */
  private void feedForward(long tokens) {
    takeFloats(tokens);
    take(tokens * hidden);
    take(tokens * hidden);
    sumWithNorm(tokens);
    take(tokens * 2 * intermediate);
    take(tokens * intermediate);
  }

  /** A GPU writes the product before it adds the residual. */
  private void sumWithNorm(long tokens) {
    if (gpu) {
      give(take(tokens * hidden));
    }
  }

  private void loss(long labels, boolean backward) {
    for (long first = 0; first < labels; first += config.lossChunkTokens()) {
      long before = used;
      long count = Math.min(config.lossChunkTokens(), labels - first);
      take(count * hidden);
      if (backward) {
        take(count * hidden);
      }
      takeFloats(count);
      take(count * hidden);
      takeFloats(count);
      take(count * vocabularyRows);
      if (backward) {
        weightGradient(vocabularyRows * hidden);
        take(count * hidden);
        normGradient(count);
      }
      used = before;
    }
  }

  /** All blocks take the same, each on top of what all keep. */
  private void backward(long tokens) {
    completed(tokens, true);
    take(tokens * hidden);
    long before = used;
    take(tokens * intermediate);
    weightGradient(hidden * intermediate);
    weightGradient(2 * intermediate * hidden);
    normGradient(tokens);
    used = before;
    take(tokens * attention);
    take(tokens * queriesKeysValues);
    weightGradient(hidden * attention);
    weightGradient(queriesKeysValues * hidden);
    normGradient(tokens);
    used = before;
  }

  /** A CPU adds a product to gradients of another type by way of a copy. */
  private void weightGradient(long elements) {
    if (!gpu && config.gradientDType() != config.computeDType()) {
      give(take(elements));
    }
  }

  private void normGradient(long rows) {
    if (gpu) {
      long rowsOfStrip = (rows + NORM_STRIPS - 1) / NORM_STRIPS;
      give(takeFloats((rows + rowsOfStrip - 1) / rowsOfStrip * hidden));
    } else if (roundsGradients) {
      give(takeFloats(hidden));
    }
  }

  private long take(long elements) {
    return takeBytes(elements * element);
  }

  private long takeFloats(long elements) {
    return takeBytes(elements * Float.BYTES);
  }

  private long takeBytes(long bytes) {
    long whole = (Math.max(bytes, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    used += whole;
    peak = Math.max(peak, used);
    return whole;
  }

  private void give(long bytes) {
    used -= bytes;
  }
}
