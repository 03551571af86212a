package ai.dmt.train;

/**
 * A sample by its place.
 *
 * @param source number of its source, in the order of the tables
 * @param sample its ordinal in the source
 */
public record SampleRef(int source, int sample) {}
