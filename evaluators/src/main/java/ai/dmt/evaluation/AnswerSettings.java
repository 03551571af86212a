package ai.dmt.evaluation;

import ai.dmt.internal.text.Faults;

/**
 * How answers to benchmarks are made, beside what each benchmark asks for itself.
 *
 * @param maxNewTokens longest answer where the benchmark would allow a longer one; 0 leaves it to
 *     the benchmark. A model's positions bound it too
 * @param batchSize prompts that are worked on at once; changes no answer
 * @param seed of the answers that are sampled; each prompt has its own stream
 */
public record AnswerSettings(int maxNewTokens, int batchSize, long seed) {
  /**
   * Checks ranges.
   *
   * @param maxNewTokens longest answer where the benchmark would allow a longer one; 0 leaves it to
   *     the benchmark. A model's positions bound it too
   * @param batchSize prompts that are worked on at once; changes no answer
   * @param seed of the answers that are sampled; each prompt has its own stream
   */
  public AnswerSettings {
    new Faults("answers")
        .notNegative("maxNewTokens", maxNewTokens)
        .positive("batchSize", batchSize)
        .throwIfAny();
  }

  /**
   * {@return settings for answers as long as the benchmark asks for, 16 prompts at once, seed 0}
   */
  public static AnswerSettings defaults() {
    return new AnswerSettings(0, 16, 0);
  }

  /**
   * {@return the same with answers of so many tokens at most}
   *
   * @param tokens 0 leaves it to the benchmark
   */
  public AnswerSettings withMaxNewTokens(int tokens) {
    return new AnswerSettings(tokens, batchSize, seed);
  }

  /**
   * {@return the same with another {@link #seed()}}
   *
   * @param other seed of the answers that are sampled
   */
  public AnswerSettings withSeed(long other) {
    return new AnswerSettings(maxNewTokens, batchSize, other);
  }

  /**
   * {@return the same with so many prompts at once}
   *
   * @param size prompts that are worked on at once, at least 1
   */
  public AnswerSettings withBatchSize(int size) {
    return new AnswerSettings(maxNewTokens, size, seed);
  }
}
