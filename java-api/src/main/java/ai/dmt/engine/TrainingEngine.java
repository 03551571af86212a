package ai.dmt.engine;

import ai.dmt.checkpoint.ModelFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains, evaluates and generates with one model.
 *
 * <p>One thread at a time uses an engine, its sessions and the states that share its memory, and
 * any thread may be next. While a thread is in a call, or in one of {@link #during}, as a training
 * and a generation are from end to end, calls of other threads throw {@link IllegalStateException}
 * and name both. What is constant ({@link #model}, {@link #parameterCount}, {@link
 * #trainedParameterCount}, {@link #keptGradientBytes}, {@link #rank}, {@link #worldSize}, {@link
 * #sources}) may be asked for at any time. Different engines never meet.
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
 * #accumulate}, {@link #apply}, {@link #resetOptimizer}, {@link #evaluate}, {@link
 * #gradientProducts}, {@link #sumOverRanks}, {@link #save} and {@link #restore} in the same order.
 * A rank that has no tokens left gives {@link MicroBatch#NOTHING}.
 *
 * <p>Every method throws {@link IllegalStateException} once the engine is closed, and {@link
 * EngineException} where the computation fails.
 */
public interface TrainingEngine extends AutoCloseable {
  /** {@return the shape of the model} */
  ModelConfig model();

  /** {@return how many weights the model has, without adapters; a tied embedding counts once} */
  long parameterCount();

  /** {@return how many weights are trained: the model's, or its adapter's} */
  default long trainedParameterCount() {
    return parameterCount();
  }

  /**
   * {@return bytes that each set of {@link #gradientProducts} takes on this rank; the same on all}
   */
  default long keptGradientBytes() {
    return trainedParameterCount() * Float.BYTES;
  }

  /**
   * {@return names of the adapters that a request of a generation can choose, as they were added}
   */
  default List<String> adapters() {
    return List.of();
  }

  /** {@return this engine's rank among those that train together, from 0} */
  int rank();

  /** {@return how many ranks train together, from 1} */
  int worldSize();

  /**
   * Replaces values by their sums over all ranks.
   *
   * @param values those of this rank, as many on all ranks; overwritten
   */
  void sumOverRanks(double[] values);

  /**
   * {@return the names that losses are reported for, in the order of a micro-batch's source
   * numbers}
   */
  List<String> sources();

  /**
   * Holds from now on what a micro-batch of up to so many tokens takes on a GPU, in one piece, as
   * planned. Without it the first micro-batch that is larger than all before takes it. An engine
   * without memory of a GPU has nothing to do.
   *
   * @param microBatchTokens at least 1
   * @throws EngineException if there is no memory for it
   */
  default void reserve(long microBatchTokens) {}

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
   * @param learningRate of this step; finite, at least 0
   * @return what the step did, the same on all ranks
   * @throws EngineException if nothing was accumulated, or weights that do not add up to 1, or if
   *     the loss or the gradient norm is not finite; it names the step, and the model is as it was
   */
  StepMetrics apply(double learningRate);

  /**
   * From here on {@link #accumulate} and {@link #apply} note what the device's time goes into. An
   * engine that cannot has nothing to do.
   */
  default void startClock() {}

  /**
   * Stops the clock.
   *
   * @return what the time went into since {@link #startClock}; zeros of an engine that cannot note
   *     it
   * @throws EngineException if no clock runs, or the device has failed
   */
  default WorkSeconds stopClock() {
    return new WorkSeconds(0, 0, 0, 0, 0, 0, 0);
  }

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
   *
   * @param batches the same on all ranks, which share them out; may be empty
   * @return one per source, the same on all ranks; without label tokens where no batch had any of
   *     the source
   */
  List<SourceLoss> evaluate(List<MicroBatch> batches);

  /**
   * Forward pass only: what each document looks like after the embedding (layer 0) and after each
   * decoder block (layers 1 to the model's layers), before the final norm.
   *
   * @param batch one micro-batch; its labels are checked, and change nothing
   * @param pooling what stands for a document
   * @return [layers + 1][documents][hiddenSize]
   */
  float[][][] hiddenStates(MicroBatch batch, Pooling pooling);

  /**
   * Compares the gradients of several sets of micro-batches at the weights as they are; each is
   * that of the mean loss over the set's label tokens. Weights, moments and the next step stay as
   * they are. Keeps all of the gradients, which take as much memory as the engine's own each.
   *
   * @param sets the same on all ranks, which share each of them out
   * @return the inner products of all gradients with each other, the same on all ranks
   * @throws EngineException if a step has been begun, the engine is not trainable, or a set has no
   *     label tokens
   */
  GradientProducts gradientProducts(List<List<MicroBatch>> sets);

  /**
   * Forward pass only: what each head attends to in each document, and how much of it lies
   * elsewhere than in another model.
   *
   * @param batch one micro-batch; its labels are checked, and change nothing
   * @param before an engine of the same kind, device and model's shape, or this one, from which
   *     nothing moved
   * @return [layers][heads][documents]
   * @throws EngineException if the models are not of one shape, or there is no memory for the other
   *     model's queries and keys in all layers
   */
  AttentionMeasures[][][] attention(MicroBatch batch, TrainingEngine before);

  /**
   * As {@link #evaluate} would if a head's output were 0. How much the loss rises is the head's
   * importance where single heads are left out (Michel et al., 2019).
   *
   * @param head that is left out
   * @param batches the same on all ranks, which share them out; may be empty
   * @return one per source, the same on all ranks
   * @throws EngineException if there is no such head
   */
  List<SourceLoss> evaluateWithout(AttentionHead head, List<MicroBatch> batches);

  /**
   * Writes a folder that {@code from_pretrained} loads, or, of an engine with an adapter, one that
   * PEFT's {@code from_pretrained} does. The folder appears whole or not at all: it is written
   * beside its place and then swapped in, see {@link ai.dmt.checkpoint.ModelFolder}.
   *
   * @param directory to make, or to replace what is there; that of rank 0 counts
   * @param dtype type of the weights in the file
   * @throws EngineException if it cannot be written; an older folder is then as it was
   */
  default void save(Path directory, DType dtype) {
    save(directory, dtype, folder -> {});
  }

  /**
   * As {@link #save(Path, DType)}, with the tokenizer files of another folder, mostly the one that
   * the model was loaded from; model and tokenizer appear together.
   *
   * @param directory to make, or to replace what is there; that of rank 0 counts
   * @param dtype type of the weights in the file
   * @param tokenizerFrom folder whose tokenizer files are copied, those that are there
   * @throws EngineException if it cannot be written; an older folder is then as it was
   */
  default void save(Path directory, DType dtype, Path tokenizerFrom) {
    save(directory, dtype, folder -> ModelFolder.copyTokenizer(tokenizerFrom, folder));
  }

  /**
   * As {@link #save(Path, DType)}, with files of another kind; all appear together.
   *
   * @param directory to make, or to replace what is there; that of rank 0 counts
   * @param dtype type of the weights in the file
   * @param beside writes them, on rank 0, after weights and configuration
   * @throws EngineException if it cannot be written; an older folder is then as it was
   */
  default void save(Path directory, DType dtype, ModelFolder.Contents beside) {
    new ModelSaving(this, dtype, beside).save(directory, List.of());
  }

  /**
   * Writes weights and configuration into a folder as it is: those of the model, or, of an engine
   * with an adapter, those of the adapter alone, as PEFT has them. All ranks call it; those other
   * than 0 send their slices.
   *
   * @param folder that is there; of rank 0 alone it matters
   * @param dtype type of the weights in the file
   * @throws EngineException on all ranks, if rank 0 cannot write
   */
  void writeModel(Path folder, DType dtype);

  /**
   * Takes this rank's training state, between two steps.
   *
   * @param memory whether the state is a copy, or is written from the engine's own memory
   * @return the state, to be closed by the caller
   * @throws EngineException if a step has been begun, or the engine is not trainable
   */
  EngineState state(StateMemory memory);

  /**
   * Goes on from the states that all ranks of a run wrote to a folder: weights, moments and count
   * of steps become those of that run. Its number of ranks and its sharding may have been others.
   *
   * @param folder that the ranks wrote each its {@link EngineState} to
   * @throws EngineException if a file is missing, or the states are those of another model, or a
   *     step has been begun
   */
  void restore(Path folder);

  /**
   * Begins decoding. {@link #apply} and {@link #restore} throw {@link IllegalStateException} while
   * requests are open: the weights must not change under them.
   *
   * @param slots requests that can be open at once
   * @param maxTokens prompt and generated tokens of a request together
   * @return a session without requests, to be closed by the caller or with the engine
   */
  GenerationSession openSession(int slots, int maxTokens);

  /**
   * Makes several calls that belong together, which no other thread's call can come between.
   *
   * @param <T> type of the result
   * @param what name of the whole, as messages say it, such as "train"
   * @param stop asks the calls to end soon, when another thread closes the engine; called by that
   *     thread. null where they end by themselves
   * @param calls what is to be done, on this thread
   * @return what {@code calls} gives
   * @throws IllegalStateException if the engine is closed, or in use by another thread
   */
  <T> T during(String what, @Nullable Runnable stop, Supplier<T> calls);

  /**
   * Frees the engine and its open sessions; harmless to call twice. Any thread may call it, a
   * shutdown hook too: a training is asked to stop after its step, a generation after its token, a
   * call is waited for, and no other can begin. When it returns, the memory is freed.
   *
   * @throws IllegalStateException on a thread that is in one of the engine's calls, such as in a
   *     listener of a training: it would wait for itself. The engine stays open
   */
  @Override
  void close();
}
