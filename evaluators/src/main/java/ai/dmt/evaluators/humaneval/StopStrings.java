package ai.dmt.evaluators.humaneval;

import java.util.List;

/** Where a completion ends. */
final class StopStrings {
  private StopStrings() {}

  /** What stands before the earliest of some strings. */
  static String cut(String text, List<String> stops) {
    int end = text.length();
    for (String stop : stops) {
      int found = text.indexOf(stop);
      end = found < 0 ? end : Math.min(end, found);
    }
    return text.substring(0, end);
  }
}
