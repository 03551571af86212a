package ai.dmt.data;

import java.util.List;

/**
 * What became of a source's records.
 *
 * @param records read, those at fault included
 * @param conversations after preparation, each of which is a sample or left out by the limits
 * @param samples that are left
 * @param drops what was cut and left out, by reason
 * @param leftOut the conversations that the limits left out
 * @param empty where records were read that have no question with its answer
 * @param firstFault message of the first record that was skipped for a fault; empty if there is
 *     none
 */
public record SourceSummary(
    long records,
    long conversations,
    long samples,
    DropCounts drops,
    List<LeftOut> leftOut,
    List<Origin> empty,
    String firstFault) {

  /**
   * A conversation that the limits left out.
   *
   * @param reason {@link DropReason#ALL_MASKED} or {@link DropReason#TOO_LONG}
   * @param origin where it was read
   */
  public record LeftOut(DropReason reason, Origin origin) {}

  /**
   * Copies the lists.
   *
   * @param records see {@link #records()}
   * @param conversations see {@link #conversations()}
   * @param samples see {@link #samples()}
   * @param drops see {@link #drops()}
   * @param leftOut see {@link #leftOut()}
   * @param empty see {@link #empty()}
   * @param firstFault see {@link #firstFault()}
   */
  public SourceSummary {
    leftOut = List.copyOf(leftOut);
    empty = List.copyOf(empty);
  }
}
