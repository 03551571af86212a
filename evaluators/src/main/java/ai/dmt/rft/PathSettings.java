package ai.dmt.rft;

import ai.dmt.engine.SamplingConfig;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.internal.text.Faults;
import java.util.List;
import java.util.Set;

/**
 * How answers to questions are sampled.
 *
 * @param samples of each question, at least 1; the first of more are the same
 * @param temperature above 0 for answers that differ
 * @param topP share of probability to sample from, 1 for all
 * @param maxNewTokens longest answer in tokens, at least 1
 * @param batchSize questions that are worked on at once; changes no answer
 * @param seed each sample of each question has its own stream
 */
public record PathSettings(
    int samples, double temperature, double topP, int maxNewTokens, int batchSize, long seed) {
  /**
   * Checks ranges.
   *
   * @param samples of each question, at least 1; the first of more are the same
   * @param temperature above 0 for answers that differ
   * @param topP share of probability to sample from, 1 for all
   * @param maxNewTokens longest answer in tokens, at least 1
   * @param batchSize questions that are worked on at once; changes no answer
   * @param seed each sample of each question has its own stream
   */
  public PathSettings {
    new Faults("rft")
        .positive("samples", samples)
        .require(
            temperature > 0 || samples == 1,
            "temperature must be above 0 for more than one sample, got " + temperature)
        .positive("batchSize", batchSize)
        .throwIfAny();
    config(temperature, topP, maxNewTokens, batchSize);
  }

  /**
   * {@return what the paper's authors did: 100 samples at temperature 0.7; 256 tokens at most, 16
   * questions at once, seed 0}
   */
  public static PathSettings defaults() {
    return new PathSettings(100, 0.7, 1, 256, 16, 0);
  }

  /**
   * {@return the same with other {@link #samples()}}
   *
   * @param value of each question, at least 1
   */
  public PathSettings withSamples(int value) {
    return new PathSettings(value, temperature, topP, maxNewTokens, batchSize, seed);
  }

  /**
   * {@return the same with other {@link #maxNewTokens()}}
   *
   * @param value longest answer in tokens, at least 1
   */
  public PathSettings withMaxNewTokens(int value) {
    return new PathSettings(samples, temperature, topP, value, batchSize, seed);
  }

  /**
   * {@return the same with another {@link #batchSize()}}
   *
   * @param value questions that are worked on at once, at least 1
   */
  public PathSettings withBatchSize(int value) {
    return new PathSettings(samples, temperature, topP, maxNewTokens, value, seed);
  }

  /**
   * {@return the same with another {@link #seed()}}
   *
   * @param value any
   */
  public PathSettings withSeed(long value) {
    return new PathSettings(samples, temperature, topP, maxNewTokens, batchSize, value);
  }

  GenerationConfig generation() {
    return config(temperature, topP, maxNewTokens, batchSize);
  }

  /** Of one sample of one question, whatever else is sampled. */
  long seed(int problem, int sample) {
    return seed + ((long) sample << Integer.SIZE) + problem;
  }

  private static GenerationConfig config(
      double temperature, double topP, int maxNewTokens, int batchSize) {
    return new GenerationConfig(
        maxNewTokens, new SamplingConfig(temperature, topP, 0), List.of(), Set.of(), batchSize);
  }
}
