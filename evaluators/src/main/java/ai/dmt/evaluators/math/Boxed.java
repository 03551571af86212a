package ai.dmt.evaluators.math;

import java.util.Optional;

/** What a solution puts into {@code \boxed{}}: MATH's way to mark the answer. */
final class Boxed {
  private static final String SPACED = "\\boxed ";
  private static final String BRACED = "\\boxed{";

  private Boxed() {}

  /**
   * What the last box holds; empty where there is none, where it has no end, and where it is an
   * {@code \fbox}, on which the harness's remove_boxed fails.
   */
  static Optional<String> last(String text) {
    int spaced = text.lastIndexOf(SPACED);
    if (spaced >= 0) {
      return Optional.of(text.substring(spaced + SPACED.length()).split("\\$", -1)[0]);
    }
    int begin = text.lastIndexOf("\\boxed");
    if (begin < 0 || !text.startsWith(BRACED, begin)) {
      return Optional.empty();
    }
    int open = 0;
    for (int i = begin; i < text.length(); i++) {
      if (text.charAt(i) == '{') {
        open++;
      } else if (text.charAt(i) == '}' && --open == 0) {
        return Optional.of(text.substring(begin + BRACED.length(), i));
      }
    }
    return Optional.empty();
  }
}
