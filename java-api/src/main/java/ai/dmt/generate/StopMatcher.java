package ai.dmt.generate;

import java.util.List;

/**
 * Finds stop strings in text that arrives in pieces. Text that may be the beginning of a stop
 * string is held back until it is clear.
 */
final class StopMatcher {
  private final List<String> stopStrings;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  StopMatcher(List<String> stopStrings) {
    this.stopStrings = stopStrings;
  }

  /** Adds text and returns what is safe to give out. */
  String add(String text) {
    if (stopped) {
      return "";
    }
    held.append(text);
    int stop = earliestStop();
    if (stop >= 0) {
      stopped = true;
      return take(stop);
    }
    return take(held.length() - longestBeginning());
  }

  /** Whether a stop string has come. */
  boolean stopped() {
    return stopped;
  }

  /** Gives out what was held back; after a stop string, nothing. */
  String finish() {
    return stopped ? "" : take(held.length());
  }

  private String take(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }

  private int earliestStop() {
    int earliest = -1;
    for (String stop : stopStrings) {
      int at = held.indexOf(stop);
      if (at >= 0 && (earliest < 0 || at < earliest)) {
        earliest = at;
      }
    }
    return earliest;
  }

  /** Length of the longest end of the text that a stop string begins with. */
  private int longestBeginning() {
    int longest = 0;
    for (String stop : stopStrings) {
      int from = Math.max(0, held.length() - stop.length() + 1);
      for (int at = from; at < held.length() - longest; at++) {
        if (stop.startsWith(held.substring(at))) {
          longest = held.length() - at;
        }
      }
    }
    return longest;
  }
}
