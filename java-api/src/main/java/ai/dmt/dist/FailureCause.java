package ai.dmt.dist;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the message of a rank that failed tells about why the run failed; the most first. */
public enum FailureCause {
  /** Something went wrong on this rank. */
  OWN,
  /** Something went wrong on another rank, which said so. */
  TOLD,
  /** A rank waited for others in vain. */
  TIMED_OUT,
  /** The connection to a rank was lost, for whatever reason that rank had to go. */
  LOST;

  private static final String RANK = "rank \\d+ of \\d+: ";
  private static final Pattern OF_A_RANK = Pattern.compile(RANK);

  /** The engine's words for a collective that failed: native/src/dist/process_group.cpp. */
  private static final Pattern OF_A_COLLECTIVE =
      Pattern.compile(RANK + "(?:all_gather|reduce_scatter) of .*? (timed out|failed): ");

  /** {@return whether a rank with this cause only saw that others are missing} */
  public boolean isOfOthers() {
    return this == TIMED_OUT || this == LOST;
  }

  /**
   * {@return the cause that a message of one line tells}
   *
   * @param message of an exception that ended a rank
   */
  public static FailureCause of(String message) {
    Matcher collective = OF_A_COLLECTIVE.matcher(message);
    if (collective.lookingAt()) {
      return collective.group(1).equals("failed") ? LOST : TIMED_OUT;
    }
    return OF_A_RANK.matcher(message).lookingAt() ? TOLD : OWN;
  }
}
