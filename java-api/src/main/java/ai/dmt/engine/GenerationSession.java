package ai.dmt.engine;

import java.util.Optional;

/**
 * Batched decoding with a key-value cache. A request's tokens depend on nothing but the request:
 * not on what else is in the batch, nor on the slot. Every method throws {@link
 * IllegalStateException} once the session or its engine is closed. A call of a session is a call of
 * its engine: other threads' calls throw beside it. {@link #close()} waits for its turn.
 *
 * <p>Ranks that hold slices of the weights open their sessions together and make the same calls of
 * {@link #open} or {@link #takePart}, and of {@link #step}, each for its own requests.
 */
public interface GenerationSession extends AutoCloseable {
  /** {@return how many requests can be open at once} */
  int slots();

  /** {@return how many tokens a request may have at most, prompt and generated ones together} */
  int maxTokens();

  /**
   * Reads a prompt into a free slot, for the engine's model, with the adapter of its settings if it
   * has one.
   *
   * @param prompt [tokens], not empty
   * @param sampling how the tokens of this request are chosen
   * @return the slot
   * @throws EngineException if no slot is free, or the prompt is empty, too long or outside the
   *     vocabulary
   */
  default int open(int[] prompt, SamplingConfig sampling) {
    return open(prompt, sampling, Optional.empty());
  }

  /**
   * The same with an adapter of the request's own; requests with different ones are decoded
   * together.
   *
   * @param prompt [tokens], not empty
   * @param sampling how the tokens of this request are chosen
   * @param adapter one of {@link TrainingEngine#adapters()}; empty for what the other method takes
   * @return the slot
   * @throws EngineException if no slot is free, the prompt is empty, too long or outside the
   *     vocabulary, or the engine has no such adapter
   */
  int open(int[] prompt, SamplingConfig sampling, Optional<String> adapter);

  /**
   * What a rank calls that has no prompt left while another one opens a request; without effect on
   * one rank.
   */
  void takePart();

  /**
   * Chooses one token for every open request and feeds it back.
   *
   * @return [slots], -1 where no request is open
   */
  int[] step();

  /**
   * Frees a slot.
   *
   * @param slot as {@link #open} returned it
   * @throws EngineException if no request is open there
   */
  void close(int slot);

  /** Frees the cache; harmless to call twice. */
  @Override
  void close();
}
