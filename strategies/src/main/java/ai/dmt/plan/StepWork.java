package ai.dmt.plan;

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
    boolean repeatsProducts = recompute == Recompute.FULL || recompute == Recompute.ATTENTION;
    double layers = model.layers();
    double hidden = model.hiddenSize();
    double feedForward = hidden * model.intermediateSize();
    double width = (double) model.heads() * model.headDim();
    double block = hidden * (2 * width + 2.0 * model.kvHeads() * model.headDim()) + 3 * feedForward;
    // The last product of a block is not repeated: nothing of the backward pass reads it.
    double ofBlock = 6 * block + (repeatsProducts ? 2 * (block - feedForward) : 0);
    double labels = tokens * lengths.labelShare();
    double unembedding = 6 * hidden * model.vocabSize();
    double ofAttention = (recompute == Recompute.FULL ? 8 : 6) * width * lengths.ofToken();
    double values = 8 * hidden + 4.0 * model.intermediateSize();
    double repeated =
        recompute == Recompute.NONE ? 0 : 2 * hidden + (double) model.intermediateSize();
    return new StepWork(
        tokens * layers * ofBlock + labels * unembedding,
        tokens * layers * ofAttention,
        tokens * layers * (values + repeated),
        labels * model.vocabSize(),
        updates(model, config));
  }

  /** Of the slice whose moments this rank keeps. */
  private static double updates(ModelConfig model, EngineConfig config) {
    MemoryAccount held = MemoryAccount.planned(model, config, 0);
    double moments = 2 * (config.adamW().states() == DType.FLOAT32 ? 4 : 2);
    return held.optimizerStates() / moments;
  }

  /** Bytes of weights that a micro-batch reads, however few its tokens are. */
  static double bytesRead(ModelConfig model, EngineConfig config) {
    double element = config.computeDType() == DType.FLOAT32 ? Float.BYTES : Short.BYTES;
    return READS_OF_WEIGHTS * element * model.parameters();
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
