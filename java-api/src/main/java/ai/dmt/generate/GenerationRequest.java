package ai.dmt.generate;

/**
 * A prompt to continue.
 *
 * @param id for the caller
 * @param prompt [tokens], begin token included
 * @param seed of this request; what it samples depends on nothing else in the batch
 */
public record GenerationRequest(String id, int[] prompt, long seed) {}
