package ai.dmt.watch;

/**
 * What of a run is not in its metrics.
 *
 * @param running whether steps are to be expected
 * @param silentSeconds since the last line was written, or since the run began
 * @param freeBytes of the disk; -1 where nobody knows
 * @param neededBytes that the run still writes at most; -1 where nobody knows
 */
public record Surroundings(
    boolean running, double silentSeconds, long freeBytes, long neededBytes) {
  /** Of metrics alone: a run that is over, and a disk that nobody asks for. */
  public static final Surroundings NONE = new Surroundings(false, 0, -1, -1);
}
