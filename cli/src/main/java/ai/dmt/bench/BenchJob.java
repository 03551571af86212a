package ai.dmt.bench;

import ai.dmt.engine.EngineConfig;
import ai.dmt.internal.text.Faults;

/**
 * What to measure.
 *
 * @param model whose speed it is
 * @param engine how to compute
 * @param batch sequences of a step
 * @param length tokens of a sequence: of all of it for training, of the prompt for generation
 * @param steps measured ones; two more come first and are not counted
 */
public record BenchJob(BenchModel model, EngineConfig engine, int batch, int length, int steps) {
  private static final int MOST_TOKENS = 1 << 24;

  /** Checks ranges. */
  public BenchJob {
    new Faults("bench")
        .present("model", model)
        .positive("batch", batch)
        .require(length >= 2, "sequences must have at least 2 tokens, got " + length)
        .positive("steps", steps)
        .require(
            (long) batch * length <= MOST_TOKENS,
            "batch x tokens of a sequence must be at most %s, got %s x %s"
                .formatted(MOST_TOKENS, batch, length))
        .throwIfAny();
  }
}
