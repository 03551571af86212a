package ai.dmt.data;

/**
 * A sample and which source it is from.
 *
 * @param sample tokens and which of them carry loss
 * @param source number in the order of {@link ai.dmt.engine.EngineConfig#sources()}
 */
public record SourcedSample(EncodedSample sample, int source) {}
