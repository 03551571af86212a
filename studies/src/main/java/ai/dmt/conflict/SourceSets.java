package ai.dmt.conflict;

import ai.dmt.config.ConfigException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Independent sets of samples of several sources: the same number of sets, of as many samples each.
 * What differs between the sets of one source is chance, and says how much of the difference
 * between sources is.
 *
 * @param sources their names
 * @param samples [sources][sets], each a list of samples; no sample is in two
 */
public record SourceSets(List<String> sources, List<List<List<EncodedSample>>> samples) {
  /** Sets of a source, at least: an error is estimated from what remains when one is left out. */
  public static final int LEAST_SETS = 3;

  private static final int WINDOW = 256; // samples that are packed together

  /**
   * Copies the lists.
   *
   * @param sources their names
   * @param samples [sources][sets], each a list of samples
   */
  public SourceSets {
    sources = List.copyOf(sources);
    samples = samples.stream().map(each -> each.stream().map(List::copyOf).toList()).toList();
  }

  /**
   * Draws the sets.
   *
   * @param sources two or more
   * @param sets of each source, at least {@value #LEAST_SETS}
   * @param most samples of a set; fewer where the smallest source has not so many for all sets
   * @param seed of the draw; the same samples and seed give the same sets
   * @return sets of one size
   * @throws ConfigException if there are too few sources, sets or samples
   */
  public static SourceSets draw(List<Source> sources, int sets, int most, long seed) {
    if (sources.size() < 2) {
      throw new ConfigException(
          "conflicts are between sources: give two or more, got " + sources.size());
    }
    if (sets < LEAST_SETS || most < 1) {
      throw new ConfigException(
          "each source needs %s or more sets of 1 or more samples, got %s sets of %s"
              .formatted(LEAST_SETS, sets, most));
    }
    int size = most;
    for (Source source : sources) {
      int share = source.samples().size() / sets;
      if (share == 0) {
        throw new ConfigException(
            "source %s has %s samples, too few for %s sets"
                .formatted(source.name(), source.samples().size(), sets));
      }
      size = Math.min(size, share);
    }
    List<List<List<EncodedSample>>> drawn = new ArrayList<>();
    for (Source source : sources) {
      List<EncodedSample> shuffled = new ArrayList<>(source.samples());
      Collections.shuffle(shuffled, new Random(seed + drawn.size()));
      List<List<EncodedSample>> own = new ArrayList<>();
      for (int set = 0; set < sets; set++) {
        own.add(shuffled.subList(set * size, (set + 1) * size));
      }
      drawn.add(own);
    }
    return new SourceSets(sources.stream().map(Source::name).toList(), drawn);
  }

  /** {@return how many sets each source has} */
  public int sets() {
    return samples.get(0).size();
  }

  /** {@return how many samples each set has} */
  public int size() {
    return samples.get(0).get(0).size();
  }

  /**
   * {@return the sets as micro-batches, source after source}
   *
   * @param maxTokens of a micro-batch, at least the longest sample
   */
  public List<List<MicroBatch>> batches(int maxTokens) {
    SequencePacker packer = new SequencePacker(maxTokens, WINDOW);
    List<List<MicroBatch>> batches = new ArrayList<>();
    for (List<List<EncodedSample>> source : samples) {
      for (List<EncodedSample> set : source) {
        // Losses are not asked for by source, so that any number of the engine's does.
        batches.add(packer.pack(set.stream().map(each -> new SourcedSample(each, 0)).toList()));
      }
    }
    return batches;
  }
}
