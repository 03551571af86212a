package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.util.Locale;

/**
 * How long a rank works for a step, beside the others: all wait for the one that takes longest.
 *
 * @param rank from 0
 * @param name of the rank, with its host where that is known
 * @param seconds of its own work in a step, without waiting for others
 * @param othersSeconds the median of that of the other ranks
 * @param slow whether the rank is slow; one that was, and is as fast as the others again, is not
 */
public record RankSpeed(int rank, String name, double seconds, double othersSeconds, boolean slow) {
  /**
   * Checks ranges.
   *
   * @param rank see {@link #rank()}
   * @param name see {@link #name()}
   * @param seconds above 0
   * @param othersSeconds above 0
   * @param slow see {@link #slow()}
   */
  public RankSpeed {
    new Faults("rank speed")
        .require(rank >= 0, "rank must be at least 0, got " + rank)
        .require(seconds > 0, "seconds must be above 0, got " + seconds)
        .require(othersSeconds > 0, "othersSeconds must be above 0, got " + othersSeconds)
        .throwIfAny();
  }

  /** {@return a sentence for people, such as of a run's log} */
  public String text() {
    String state = slow ? "slow: it" : "as fast as the others again: it";
    return "%s is %s works %s ms for a step, the median of the others is %s ms%s"
        .formatted(
            name,
            state,
            milliseconds(seconds),
            milliseconds(othersSeconds),
            slow ? "; they wait for it" : "");
  }

  private static String milliseconds(double seconds) {
    double milliseconds = seconds * 1e3;
    return String.format(Locale.ROOT, milliseconds < 100 ? "%.1f" : "%.0f", milliseconds);
  }
}
