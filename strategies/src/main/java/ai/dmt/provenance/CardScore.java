package ai.dmt.provenance;

import org.jspecify.annotations.Nullable;

/**
 * A score of a model, for its card.
 *
 * @param benchmark such as "gsm8k"
 * @param name what is counted, with the scoring mode, such as "accuracy (openai)"
 * @param value in the benchmark's units
 * @param low of the 95 % interval; null where there is none
 * @param high of the 95 % interval; null where there is none
 * @param total problems scored; null where that is not counted
 */
public record CardScore(
    String benchmark,
    String name,
    double value,
    @Nullable Double low,
    @Nullable Double high,
    @Nullable Long total) {}
