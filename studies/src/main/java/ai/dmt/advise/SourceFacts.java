package ai.dmt.advise;

import ai.dmt.conflict.DataOverlap;
import ai.dmt.conflict.SourceSets;
import ai.dmt.data.Source;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What can be said of sources before anything is trained.
 *
 * @param repeats by source: share of the {@value #GRAM}-grams of its answers that two separate sets
 *     of its samples have in common; near 1 where its rows are much alike
 * @param overlaps of each pair of sources, of the same n-grams
 */
public record SourceFacts(Map<String, Double> repeats, List<DataOverlap> overlaps) {
  /** Tokens of the n-grams that are compared. */
  static final int GRAM = 4;

  /** Of sources that have too few samples to be compared. */
  static final SourceFacts NONE = new SourceFacts(Map.of(), List.of());

  private static final int MOST_SAMPLES = 512; // of a set

  /**
   * Copies the collections.
   *
   * @param repeats by source
   * @param overlaps of each pair of sources
   */
  public SourceFacts {
    repeats = Collections.unmodifiableMap(new LinkedHashMap<>(repeats));
    overlaps = List.copyOf(overlaps);
  }

  /** Compares sets that are drawn of each source. */
  static SourceFacts of(List<Source> sources, long seed) {
    if (sources.size() < 2
        || sources.stream().anyMatch(each -> each.samples().size() < SourceSets.LEAST_SETS)) {
      return NONE;
    }
    SourceSets sets = SourceSets.draw(sources, SourceSets.LEAST_SETS, MOST_SAMPLES, seed);
    return new SourceFacts(DataOverlap.within(sets, GRAM), DataOverlap.of(sets, GRAM));
  }
}
