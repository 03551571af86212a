package ai.dmt.evaluation;

import ai.dmt.config.Faults;

/**
 * How answers to benchmarks are made, beside what each benchmark asks for itself.
 *
 * @param maxNewTokens longest answer where the benchmark would allow a longer one; 0 leaves it to
 *     the benchmark. A model's positions bound it too
 * @param batchSize prompts that are worked on at once; changes no answer
 * @param seed of the answers that are sampled; each prompt has its own stream
 */
public record AnswerSettings(int maxNewTokens, int batchSize, long seed) {
  /** Checks ranges. */
  public AnswerSettings {
    new Faults("answers")
        .notNegative("maxNewTokens", maxNewTokens)
        .positive("batchSize", batchSize)
        .throwIfAny();
  }

  /** The same with so many prompts at once. */
  public AnswerSettings withBatchSize(int size) {
    return new AnswerSettings(maxNewTokens, size, seed);
  }
}
