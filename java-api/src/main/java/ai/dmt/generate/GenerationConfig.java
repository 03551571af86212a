package ai.dmt.generate;

import ai.dmt.config.Faults;
import ai.dmt.engine.SamplingConfig;
import java.util.List;
import java.util.Set;

/**
 * How completions are made.
 *
 * @param maxNewTokens most tokens per request
 * @param sampling how tokens are chosen; its seed gives request i of {@link
 *     TextGenerator#generate(List, GenerationConfig)} the seed {@code seed + i}
 * @param stopStrings texts that end a completion; they do not appear in it
 * @param stopIds tokens that end a completion, such as {@link ai.dmt.tokenizer.Tokenizer#eosId()}
 * @param batchSize requests that are worked on at once
 */
public record GenerationConfig(
    int maxNewTokens,
    SamplingConfig sampling,
    List<String> stopStrings,
    Set<Integer> stopIds,
    int batchSize) {

  /** Checks ranges; copies the collections. */
  public GenerationConfig {
    new Faults("generation")
        .positive("maxNewTokens", maxNewTokens)
        .present("sampling", sampling)
        .require(
            stopStrings.stream().noneMatch(String::isEmpty),
            "stopStrings must not hold an empty one")
        .positive("batchSize", batchSize)
        .throwIfAny();
    stopStrings = List.copyOf(stopStrings);
    stopIds = Set.copyOf(stopIds);
  }

  /** Greedy, up to so many tokens, 16 requests at once; who generates says what ends them. */
  public static GenerationConfig greedy(int maxNewTokens) {
    return new GenerationConfig(maxNewTokens, SamplingConfig.greedy(), List.of(), Set.of(), 16);
  }

  /** Greedy, up to so many tokens, until an id, 16 requests at once. */
  public static GenerationConfig greedy(int maxNewTokens, int stopId) {
    return new GenerationConfig(
        maxNewTokens, SamplingConfig.greedy(), List.of(), Set.of(stopId), 16);
  }

  /** A copy with another {@link #sampling()}. */
  public GenerationConfig withSampling(SamplingConfig choice) {
    return new GenerationConfig(maxNewTokens, choice, stopStrings, stopIds, batchSize);
  }

  /** A copy with other {@link #stopStrings()}. */
  public GenerationConfig withStopStrings(List<String> texts) {
    return new GenerationConfig(maxNewTokens, sampling, texts, stopIds, batchSize);
  }

  /** A copy with other {@link #stopIds()}. */
  public GenerationConfig withStopIds(Set<Integer> ids) {
    return new GenerationConfig(maxNewTokens, sampling, stopStrings, ids, batchSize);
  }

  /** A copy with another {@link #batchSize()}. */
  public GenerationConfig withBatchSize(int size) {
    return new GenerationConfig(maxNewTokens, sampling, stopStrings, stopIds, size);
  }
}
