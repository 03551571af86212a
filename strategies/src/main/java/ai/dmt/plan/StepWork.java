package ai.dmt.plan;

import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.WorkSeconds;

/**
 * What one rank computes in a step, in the kinds that an engine's clock tells apart ({@link
 * WorkSeconds}). Amounts over seconds are a machine's speed; other amounts over that speed are
 * seconds.
 *
 * @param products operations of matrix products
 * @param attention operations of attention
 * @param elements values of hidden states that norms, rotary embedding and SwiGLU go through
 * @param logits values that the loss goes through
 * @param updates parameters that the optimizer changes
 */
record StepWork(double products, double attention, double elements, double logits, double updates) {
  /** Forward once, and backward twice. */
  private static final int READS_OF_WEIGHTS = 3;

  /** Forward once, and backward for the gradient of the input alone. */
  private static final int READS_OF_FROZEN = 2;

  /**
   * Counts.
   *
   * @param model its shape
   * @param config of the engine; with ranks
   * @param tokens of the rank's micro-batches of a step
   * @param lengths of their samples
   */
  static StepWork of(ModelConfig model, EngineConfig config, double tokens, SampleLengths lengths) {
    Recompute recompute = config.recompute();
    double layers = model.layers();
    double hidden = model.hiddenSize();
    double block = matrices(model);
    // Operations for each weight: forward, gradient of the input, and of the weight if it is
    // trained.
    int passes = config.adapter().isPresent() ? 4 : 6;
    double ofBlock = passes * block + 2 * repeated(model, config);
    double labels = tokens * lengths.labelShare();
    double unembedding = passes * hidden * model.vocabSize();
    double width = (double) model.heads() * model.headDim();
    double ofAttention = (recompute == Recompute.FULL ? 8 : 6) * width * lengths.ofToken();
    double values = 8 * hidden + 4.0 * model.intermediateSize();
    double again = recompute == Recompute.NONE ? 0 : 2 * hidden + (double) model.intermediateSize();
    AdapterWork adapter = AdapterWork.of(model, config);
    return new StepWork(
        tokens * (layers * ofBlock + adapter.products())
            + labels * (unembedding + adapter.headProducts()),
        tokens * layers * ofAttention,
        tokens * (layers * (values + again) + adapter.elements()),
        labels * model.vocabSize(),
        updates(model, config));
  }

  /** Weights of a block's matrices. */
  private static double matrices(ModelConfig model) {
    double hidden = model.hiddenSize();
    double width = (double) model.heads() * model.headDim();
    return hidden * (2 * width + 2.0 * model.kvHeads() * model.headDim()) + 3 * feedForward(model);
  }

  private static double feedForward(ModelConfig model) {
    return (double) model.hiddenSize() * model.intermediateSize();
  }

  /** Weights of a block whose products the backward pass makes again. */
  private static double repeated(ModelConfig model, EngineConfig config) {
    // The last product of a block is not repeated: nothing of the backward pass reads it.
    return repeatsProducts(config) ? matrices(model) - feedForward(model) : 0;
  }

  static boolean repeatsProducts(EngineConfig config) {
    return config.recompute() == Recompute.FULL || config.recompute() == Recompute.ATTENTION;
  }

  /**
   * Operations of training's own for each token: what is computed again does not count. Beside a
   * frozen model those of {@link ModelConfig#trainingFlopsPerToken} without the third that makes
   * gradients of weights, and the adapter's.
   */
  static double ownFlopsPerToken(ModelConfig model, EngineConfig config, double length) {
    double full = model.trainingFlopsPerToken(length);
    if (config.adapter().isEmpty()) {
      return full;
    }
    AdapterWork adapter = AdapterWork.of(model, config.withRecompute(Recompute.NONE));
    return full - model.trainingFlopsPerToken(0) / 3 + adapter.products() + adapter.headProducts();
  }

  /** Of the slice whose moments this rank keeps. */
  private static double updates(ModelConfig model, EngineConfig config) {
    MemoryAccount held = MemoryAccount.planned(model, config, 0);
    double moments = 2 * (config.adamW().states() == DType.FLOAT32 ? 4 : 2);
    return held.optimizerStates() / moments;
  }

  /**
   * Bytes of weights that a micro-batch moves, however few its tokens are. Quantised ones are read,
   * and written as products read them, before each pass.
   */
  static double bytesRead(ModelConfig model, EngineConfig config) {
    double element = config.computeDType() == DType.FLOAT32 ? Float.BYTES : Short.BYTES;
    int reads = config.adapter().isPresent() ? READS_OF_FROZEN : READS_OF_WEIGHTS;
    double bytes = reads * element * model.parameters();
    if (config.baseWeights() == BaseWeights.COMPUTE) {
      return bytes;
    }
    double made = READS_OF_FROZEN * matrices(model) + repeated(model, config);
    return bytes + model.layers() * made * (element + packed(config.baseWeights()));
  }

  /** Bytes of a weight; scales of blocks of 64 take a byte each. */
  private static double packed(BaseWeights weights) {
    return weights == BaseWeights.INT8 ? 1 : 0.5 + 1.0 / 64;
  }

  /** What it takes at some speed. */
  WorkSeconds at(Speed speed) {
    WorkSeconds seconds =
        new WorkSeconds(
            products / speed.products(),
            attention / speed.attention(),
            elements / speed.elements(),
            logits / speed.logits(),
            updates / speed.updates(),
            0,
            0);
    double sum =
        seconds.products()
            + seconds.attention()
            + seconds.elementWise()
            + seconds.loss()
            + seconds.optimizer();
    return new WorkSeconds(
        seconds.products(),
        seconds.attention(),
        seconds.elementWise(),
        seconds.loss(),
        seconds.optimizer(),
        0,
        sum * speed.overhead());
  }
}
