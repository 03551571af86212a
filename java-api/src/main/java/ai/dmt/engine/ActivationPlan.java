package ai.dmt.engine;

import ai.dmt.adapter.AdapterTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The most that activations and temporaries of a micro-batch take at a time. The engine hands them
 * out like a stack; this goes through its passes (native/src/model/llama.cpp, decoder_block.cpp) in
 * the same order, and adds up what each takes.
 */
final class ActivationPlan {
  /** Each tensor begins at a multiple of it. */
  private static final long ALIGNMENT = 256;

  private static final List<AdapterTarget> HEAD = List.of(AdapterTarget.LM_HEAD);

  /** A GPU sums weight gradients of norms in so many strips of rows at most. */
  private static final long NORM_STRIPS = 512;

  private final EngineConfig config;
  private final @Nullable LowRankSizes adapter; // null for none
  private final boolean frozen;
  private final boolean quantised;
  private final boolean gpu;
  private final long element;
  private final ModelConfig model;
  private final long layers;
  private final long hidden;
  private final long intermediate;
  private final long heads;
  private final long attention;
  private final long queriesKeysValues;
  private final long vocabularyRows;
  private final boolean roundsGradients;

  private boolean drops; // inputs of the adapter, in the pass that is gone through
  private long used;
  private long peak;

  ActivationPlan(ModelConfig model, EngineConfig config, long vocabularyRows) {
    this.config = config;
    this.model = model;
    this.vocabularyRows = vocabularyRows;
    adapter = config.adapter().map(each -> new LowRankSizes(model, each)).orElse(null);
    frozen = adapter != null;
    quantised = config.baseWeights() != BaseWeights.COMPUTE;
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
    drops = adapter != null && adapter.adapter().dropout() > 0;
    begin(tokens);
    train(tokens, labels);
    return peak;
  }

  /** Bytes of a pass forward alone. @param tokens of the micro-batch, all of them labels */
  long evaluation(long tokens) {
    drops = false;
    begin(tokens);
    evaluate(tokens);
    return peak;
  }

  private void begin(long tokens) {
    used = 0;
    peak = 0;
    take(tokens * hidden);
    long before = used;
    lookUpAdapter(tokens);
    used = before;
  }

  private void train(long tokens, long labels) {
    for (int layer = 0; layer < layers; layer++) {
      take(tokens * hidden);
      keep(tokens);
      forward(tokens, config.recompute());
    }
    take(tokens * hidden);
    loss(labels, true);
    backward(tokens);
    embeddingBackward(tokens);
  }

  private void evaluate(long tokens) {
    take(tokens * hidden);
    long before = used;
    forward(tokens, Recompute.FULL);
    used = before;
    loss(tokens, false);
  }

  /** Whether the backward pass reads what goes into these matrices. */
  private boolean needsInput(List<AdapterTarget> group) {
    return !frozen || ranks(group) > 0;
  }

  /** What a block leaves for its backward pass. */
  private void keep(long tokens) {
    Recompute level = config.recompute();
    if (level == Recompute.FULL) {
      return;
    }
    take(tokens * attention);
    takeFloats(heads * tokens);
    if (level == Recompute.ATTENTION) {
      return;
    }
    take(tokens * queriesKeysValues);
    take(tokens * hidden);
    take(tokens * 2 * intermediate);
    for (List<AdapterTarget> normed : List.of(LowRankSizes.QKV, LowRankSizes.GATE_UP)) {
      if (keepsRstd(level, normed)) {
        takeFloats(tokens);
      }
      if (level == Recompute.NONE && needsInput(normed)) {
        take(tokens * hidden);
      }
    }
    if (level == Recompute.NONE && needsInput(LowRankSizes.DOWN)) {
      take(tokens * intermediate);
    }
  }

  /** What a block needs beyond what it keeps. */
  private void forward(long tokens, Recompute level) {
    long before = used;
    norm(tokens, level, LowRankSizes.QKV);
    if (level == Recompute.ATTENTION || level == Recompute.FULL) {
      take(tokens * queriesKeysValues);
    }
    product(tokens, LowRankSizes.QKV);
    if (level == Recompute.FULL) {
      take(tokens * attention);
      takeFloats(heads * tokens);
    }
    norm(tokens, level, LowRankSizes.GATE_UP);
    if (level == Recompute.ATTENTION || level == Recompute.FULL) {
      take(tokens * hidden);
    }
    attentionOutput(tokens);
    if (level == Recompute.ATTENTION || level == Recompute.FULL) {
      take(tokens * 2 * intermediate);
    }
    product(tokens, LowRankSizes.GATE_UP);
    if (level != Recompute.NONE || !needsInput(LowRankSizes.DOWN)) {
      take(tokens * intermediate);
    }
    product(tokens, LowRankSizes.DOWN);
    used = before;
  }

  /** A norm in a forward pass, as far as it is not kept. */
  private void norm(long tokens, Recompute level, List<AdapterTarget> group) {
    if (!keepsRstd(level, group)) {
      takeFloats(tokens);
    }
    if (level != Recompute.NONE || !needsInput(group)) {
      take(tokens * hidden);
    }
  }

  /** Where the backward pass does not compute the norm again. */
  private boolean keepsRstd(Recompute level, List<AdapterTarget> group) {
    return level == Recompute.NONE || level == Recompute.CHEAP && !needsInput(group);
  }

  /** What the backward pass of a block computes again; it stays. */
  private void complete(long tokens) {
    Recompute level = config.recompute();
    boolean again = level == Recompute.ATTENTION || level == Recompute.FULL;
    if (!keepsRstd(level, LowRankSizes.QKV)) {
      takeFloats(tokens);
      take(tokens * hidden);
    }
    if (again) {
      take(tokens * queriesKeysValues);
      product(tokens, LowRankSizes.QKV);
    }
    if (level == Recompute.FULL) {
      take(tokens * attention);
      takeFloats(heads * tokens);
    }
    if (!keepsRstd(level, LowRankSizes.GATE_UP)) {
      takeFloats(tokens);
      take(tokens * hidden);
    }
    if (again) {
      take(tokens * hidden);
      attentionOutput(tokens);
      take(tokens * 2 * intermediate);
      product(tokens, LowRankSizes.GATE_UP);
    }
    if (level != Recompute.NONE && needsInput(LowRankSizes.DOWN)) {
      take(tokens * intermediate);
    }
  }

  /** The residual and its norm. */
  private void attentionOutput(long tokens) {
    if (ranks(LowRankSizes.OUTPUT) > 0) {
      product(tokens, LowRankSizes.OUTPUT);
      return;
    }
    long before = used;
    whole(LowRankSizes.OUTPUT);
    sumWithNorm(tokens);
    used = before;
  }

  /** Of matrices with the same input, and of the adapter beside them. */
  private void product(long tokens, List<AdapterTarget> group) {
    // The last two of a block hold their matrix while the adapter's product is added.
    boolean together = group.equals(LowRankSizes.OUTPUT) || group.equals(LowRankSizes.DOWN);
    long before = used;
    whole(group);
    if (!together) {
      used = before;
    }
    lowRank(tokens, group);
    used = before;
  }

  /** Quantised matrices as products need them. */
  private void whole(List<AdapterTarget> group) {
    if (quantised) {
      take(rows(group) * columns(group));
    }
  }

  private void lowRank(long tokens, List<AdapterTarget> group) {
    if (ranks(group) == 0) {
      return;
    }
    long before = used;
    narrow(tokens, group);
    used = before;
  }

  /** An adapter's input, if some of it is dropped, and its product with A. */
  private void narrow(long tokens, List<AdapterTarget> group) {
    if (drops) {
      take(tokens * columns(group));
    }
    take(tokens * ranks(group));
  }

  private void lowRankBackward(long tokens, List<AdapterTarget> group) {
    if (adapter == null || ranks(group) == 0) {
      return;
    }
    long before = used;
    narrow(tokens, group);
    take(tokens * ranks(group));
    for (AdapterTarget target : group) {
      weightGradient(adapter.rank(target) * AdapterShapes.rows(model, target));
    }
    weightGradient(ranks(group) * columns(group));
    used = before;
  }

  private void inputGradient(List<AdapterTarget> group) {
    long before = used;
    whole(group);
    used = before;
  }

  /** The columns of A that tokens stand for. */
  private void lookUpAdapter(long tokens) {
    long rank = adapter == null ? 0 : adapter.rank(AdapterTarget.EMBED_TOKENS);
    if (rank > 0) {
      take(tokens * rank);
      give(take(tokens * rank));
    }
  }

  private void embeddingBackward(long tokens) {
    long rank = adapter == null ? 0 : adapter.rank(AdapterTarget.EMBED_TOKENS);
    if (rank == 0) {
      return;
    }
    lookUpAdapter(tokens);
    weightGradient(rank * hidden);
    take(tokens * rank);
    takeBytes(rank * model.vocabSize() * UnitSizes.bytes(config.gradientDType()));
  }

  private long ranks(List<AdapterTarget> group) {
    return adapter == null ? 0 : adapter.ranks(group);
  }

  private long rows(List<AdapterTarget> group) {
    return group.stream().mapToLong(target -> AdapterShapes.rows(model, target)).sum();
  }

  private long columns(List<AdapterTarget> group) {
    return AdapterShapes.columns(model, group.get(0));
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
      lowRank(count, HEAD);
      if (backward) {
        take(count * hidden);
        modelGradient(vocabularyRows * hidden);
        lowRankBackward(count, HEAD);
        unwantedNorm();
        normGradient(count);
      }
      used = before;
    }
  }

  /** All blocks take the same, each on top of what all keep. */
  private void backward(long tokens) {
    long begin = used;
    unwantedNorm();
    unwantedNorm();
    complete(tokens);
    take(tokens * hidden);
    long before = used;
    take(tokens * intermediate);
    modelGradient(hidden * intermediate);
    inputGradient(LowRankSizes.DOWN);
    lowRankBackward(tokens, LowRankSizes.DOWN);
    modelGradient(2 * intermediate * hidden);
    inputGradient(LowRankSizes.GATE_UP);
    lowRankBackward(tokens, LowRankSizes.GATE_UP);
    normGradient(tokens);
    used = before;
    take(tokens * attention);
    take(tokens * queriesKeysValues);
    modelGradient(hidden * attention);
    inputGradient(LowRankSizes.OUTPUT);
    lowRankBackward(tokens, LowRankSizes.OUTPUT);
    modelGradient(queriesKeysValues * hidden);
    inputGradient(LowRankSizes.QKV);
    lowRankBackward(tokens, LowRankSizes.QKV);
    normGradient(tokens);
    used = begin;
  }

  private void modelGradient(long elements) {
    if (!frozen) {
      weightGradient(elements);
    }
  }

  /** Norms of a frozen model add their gradients to something all the same. */
  private void unwantedNorm() {
    if (frozen) {
      takeFloats(hidden);
    }
  }

  /** A CPU adds a product to gradients of another type by way of a copy. */
  private void weightGradient(long elements) {
    if (!gpu && elements > 0 && config.gradientDType() != config.computeDType()) {
      give(take(elements));
    }
  }

  private void normGradient(long rows) {
    if (gpu) {
      long rowsOfStrip = (rows + NORM_STRIPS - 1) / NORM_STRIPS;
      give(takeFloats((rows + rowsOfStrip - 1) / rowsOfStrip * hidden));
    } else if (roundsGradients && !frozen) {
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
