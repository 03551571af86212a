package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.data.SourcedSample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One process of a run.
 *
 * @param number in [0, worldSize)
 * @param worldSize all processes
 */
public record Rank(int number, int worldSize) {
  /** That of a run in one process. */
  public static final Rank ONLY = new Rank(0, 1);

  /**
   * Checks ranges.
   *
   * @param number from 0
   * @param worldSize more than {@code number}
   * @throws ConfigException if the number is not in its range
   */
  public Rank {
    if (number < 0 || number >= worldSize) {
      throw new ConfigException(
          "rank must be in [0, world size), got rank %s of %s".formatted(number, worldSize));
    }
  }

  /**
   * This rank's part of some samples. The parts of all ranks together are the samples, each once;
   * they have about the same number of tokens. A rank may have none if there are fewer samples than
   * ranks.
   */
  List<SourcedSample> share(List<SourcedSample> samples) {
    List<SourcedSample> longestFirst = new ArrayList<>(samples);
    longestFirst.sort(Comparator.comparingInt(Rank::tokens).reversed()); // stable
    long[] loads = new long[worldSize];
    List<SourcedSample> share = new ArrayList<>();
    for (SourcedSample sample : longestFirst) {
      int least = 0;
      for (int r = 1; r < worldSize; r++) {
        least = loads[r] < loads[least] ? r : least;
      }
      loads[least] += tokens(sample);
      if (least == number) {
        share.add(sample);
      }
    }
    return share;
  }

  private static int tokens(SourcedSample sourced) {
    return sourced.sample().inputTokens();
  }
}
