package ai.dmt.generate;

import ai.dmt.engine.SamplingConfig;
import ai.dmt.internal.text.Faults;
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

  /**
   * Checks ranges; copies the collections.
   *
   * @param maxNewTokens see {@link #maxNewTokens()}
   * @param sampling see {@link #sampling()}
   * @param stopStrings see {@link #stopStrings()}
   * @param stopIds see {@link #stopIds()}
   * @param batchSize see {@link #batchSize()}
   * @throws ai.dmt.config.ConfigException if a number is not positive, if a stop string is empty,
   *     or if sampling is missing
   */
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

  /**
   * {@return a choice that is greedy, up to so many tokens, 16 requests at once; who generates says
   * what ends them}
   *
   * @param maxNewTokens see {@link #maxNewTokens()}
   */
  public static GenerationConfig greedy(int maxNewTokens) {
    return new GenerationConfig(maxNewTokens, SamplingConfig.greedy(), List.of(), Set.of(), 16);
  }

  /**
   * {@return a choice that is greedy, up to so many tokens, until an id, 16 requests at once}
   *
   * @param maxNewTokens see {@link #maxNewTokens()}
   * @param stopId token that ends a completion, such as {@link ai.dmt.tokenizer.Tokenizer#eosId()}
   */
  public static GenerationConfig greedy(int maxNewTokens, int stopId) {
    return new GenerationConfig(
        maxNewTokens, SamplingConfig.greedy(), List.of(), Set.of(stopId), 16);
  }

  /**
   * {@return a copy with another {@link #sampling()}}
   *
   * @param choice see {@link #sampling()}
   */
  public GenerationConfig withSampling(SamplingConfig choice) {
    return new GenerationConfig(maxNewTokens, choice, stopStrings, stopIds, batchSize);
  }

  /**
   * {@return a copy with other {@link #stopStrings()}}
   *
   * @param texts see {@link #stopStrings()}; none of them empty
   */
  public GenerationConfig withStopStrings(List<String> texts) {
    return new GenerationConfig(maxNewTokens, sampling, texts, stopIds, batchSize);
  }

  /**
   * {@return a copy with other {@link #stopIds()}}
   *
   * @param ids see {@link #stopIds()}
   */
  public GenerationConfig withStopIds(Set<Integer> ids) {
    return new GenerationConfig(maxNewTokens, sampling, stopStrings, ids, batchSize);
  }

  /**
   * {@return a copy with another {@link #batchSize()}}
   *
   * @param size see {@link #batchSize()}; at least 1
   */
  public GenerationConfig withBatchSize(int size) {
    return new GenerationConfig(maxNewTokens, sampling, stopStrings, stopIds, size);
  }
}
