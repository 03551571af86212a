package ai.dmt.generate;

/**
 * What a {@link ContinuousGenerator} does and has done since it began.
 *
 * @param running requests that are being decoded
 * @param waiting requests that wait for a slot
 * @param promptTokens of all requests that were let in
 * @param generatedTokens chosen so far, those that end a completion among them
 */
public record GenerationLoad(int running, int waiting, long promptTokens, long generatedTokens) {}
