package ai.dmt.engine;

import ai.dmt.checkpoint.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Trains, evaluates and generates with one model. One thread at a time uses an engine and its
 * sessions.
 *
 * <pre>{@code
 * try (TrainingEngine engine = NativeEngine.open(folder, EngineConfig.defaults())) {
 *   engine.accumulate(batch, 1.0 / batch.labelTokens());
 *   StepMetrics metrics = engine.apply(2e-5);
 *   engine.save(output, DType.BFLOAT16);
 * }
 * }</pre>
 *
 * <p>In a run of several ranks each has an engine, and all make the same calls of {@link
 * #accumulate}, {@link #apply}, {@link #resetOptimizer}, {@link #evaluate}, {@link #sumOverRanks},
 * {@link #save} and {@link #restore} in the same order. A rank that has no tokens left gives {@link
 * MicroBatch#NOTHING}.
 *
 * <p>Every method throws {@link IllegalStateException} once the engine is closed, and {@link
 * EngineException} where the computation fails.
 */
public interface TrainingEngine extends AutoCloseable {
  /** Shape of the model. */
  ModelConfig model();

  /** Weights that are trained; a tied embedding counts once. */
  long parameterCount();

  /** This engine's rank among those that train together, from 0. */
  int rank();

  /** Ranks that train together. */
  int worldSize();

  /** Replaces values by their sums over all ranks. */
  void sumOverRanks(double[] values);

  /** Names that losses are reported for, in the order of a micro-batch's source numbers. */
  List<String> sources();

  /**
   * Forward and backward pass: adds tokenWeight times the gradient of the sum of the batch's token
   * losses, until {@link #apply}. What a step minimises is a weighted mean, so tokenWeight times
   * label tokens, added over the micro-batches of a step, must be 1. Reported losses are never
   * weighted.
   *
   * @param batch one micro-batch of the step
   * @param tokenWeight of each label token of the batch: 1 / (label tokens of the step) makes every
   *     label token weigh the same however the step is cut
   * @throws EngineException if a token or label is outside the vocabulary, a source outside the
   *     sources, a document longer than the model's positions, the weights of the step add up to
   *     more than 1, or the engine is not trainable
   */
  void accumulate(MicroBatch batch, double tokenWeight);

  /**
   * Clips, updates the weights and zeroes the gradients.
   *
   * @throws EngineException if nothing was accumulated, or weights that do not add up to 1, or if
   *     the loss or the gradient norm is not finite; it names the step, and the model is as it was
   */
  StepMetrics apply(double learningRate);

  /**
   * Forgets the optimizer's moments and its count of steps, as a new run from the same weights
   * would; the next step is step 1. Weights stay as they are.
   *
   * @throws EngineException if a step has been begun by {@link #accumulate}, or the engine is not
   *     trainable
   */
  void resetOptimizer();

  /**
   * Forward pass only: loss of each source over all batches, in the order of {@link #sources()}.
   */
  List<SourceLoss> evaluate(List<MicroBatch> batches);

  /**
   * Forward pass only: what each document looks like after the embedding (layer 0) and after each
   * decoder block (layers 1 to the model's layers), before the final norm.
   *
   * @return [layers + 1][documents][hiddenSize]
   */
  float[][][] hiddenStates(MicroBatch batch, Pooling pooling);

  /**
   * Writes a folder that {@code from_pretrained} loads. The folder appears whole or not at all: it
   * is written beside its place and then swapped in, see {@link ai.dmt.checkpoint.ModelFolder}.
   *
   * @param dtype type of the weights in the file
   * @throws EngineException if it cannot be written; an older folder is then as it was
   */
  void save(Path directory, DType dtype);

  /**
   * As {@link #save(Path, DType)}, with the tokenizer files of another folder, mostly the one that
   * the model was loaded from; model and tokenizer appear together.
   */
  default void save(Path directory, DType dtype, Path tokenizerFrom) {
    try {
      ModelFolder.write(
          directory,
          folder -> {
            save(folder, dtype);
            ModelFolder.copyTokenizer(tokenizerFrom, folder);
          });
    } catch (IOException e) {
      throw new EngineException("cannot save to %s: %s".formatted(directory, e), e);
    }
  }

  /**
   * This rank's training state, between two steps.
   *
   * @throws EngineException if a step has been begun, or the engine is not trainable
   */
  EngineState state(StateMemory memory);

  /**
   * Goes on from the states that all ranks of a run wrote to a folder: weights, moments and count
   * of steps become those of that run. Its number of ranks and its sharding may have been others.
   *
   * @throws EngineException if a file is missing, or the states are those of another model, or a
   *     step has been begun
   */
  void restore(Path folder);

  /**
   * Begins decoding. The weights must not change while requests are open.
   *
   * @param slots requests that can be open at once
   * @param maxTokens prompt and generated tokens of a request together
   */
  GenerationSession openSession(int slots, int maxTokens);

  /** Closes open sessions first; harmless to call twice. */
  @Override
  void close();
}
