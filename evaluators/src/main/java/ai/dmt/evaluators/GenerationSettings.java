package ai.dmt.evaluators;

import ai.dmt.internal.text.Faults;
import java.util.List;

/**
 * How a benchmark wants a completion made.
 *
 * @param temperature 0 is greedy
 * @param topP share of probability to sample from, 1 for all
 * @param maxNewTokens longest completion
 * @param stops texts that end a completion and are no part of it
 */
public record GenerationSettings(
    double temperature, double topP, int maxNewTokens, List<String> stops) {
  /**
   * Checks ranges.
   *
   * @param temperature 0 is greedy
   * @param topP share of probability to sample from, 1 for all
   * @param maxNewTokens longest completion in tokens, at least 1
   * @param stops texts that end a completion and are no part of it
   */
  public GenerationSettings {
    new Faults("generation")
        .notNegative("temperature", temperature)
        .require(topP > 0 && topP <= 1, "topP must be in (0, 1], got " + topP)
        .positive("maxNewTokens", maxNewTokens)
        .throwIfAny();
    stops = List.copyOf(stops);
  }

  /**
   * {@return settings that take the likeliest token each time}
   *
   * @param maxNewTokens longest completion in tokens, at least 1
   * @param stops texts that end a completion and are no part of it
   */
  public static GenerationSettings greedy(int maxNewTokens, String... stops) {
    return new GenerationSettings(0, 1, maxNewTokens, List.of(stops));
  }
}
