package ai.dmt.tokenizer;

/**
 * Bounds on the expressions of a tokenizer.json: their length, depth and repetitions, so that a
 * hostile file cannot make the library's backtracking matcher run for years or out of stack. What
 * models have in use is far inside of them.
 */
final class PatternCheck {
  private static final int LONGEST = 4096;
  private static final int DEEPEST = 16;
  private static final int MOST_REPETITIONS = 1000;

  private final String pattern;
  private int at;

  private PatternCheck(String pattern) {
    this.pattern = pattern;
  }

  /**
   * Checks an expression in the notation of Oniguruma.
   *
   * @throws IllegalArgumentException if it may take long
   */
  static void check(String pattern) {
    if (pattern.isEmpty() || pattern.length() > LONGEST) {
      throw fault("has %s characters, expected 1 to %s".formatted(pattern.length(), LONGEST));
    }
    new PatternCheck(pattern).group(0);
  }

  /** Reads up to the group's end. @return whether it repeats anything without bound */
  private boolean group(int depth) {
    if (depth > DEEPEST) {
      throw fault("is nested more than %s deep".formatted(DEEPEST));
    }
    boolean repeats = false;
    while (at < pattern.length()) {
      boolean inner = false;
      char c = pattern.charAt(at++);
      switch (c) {
        case ')' -> {
          return repeats;
        }
        case '(' -> inner = group(depth + 1);
        case '[' -> characterClass();
        case '\\' -> escape();
        default -> {}
      }
      if (repetition()) {
        if (inner) {
          throw fault("repeats a group that repeats something");
        }
        repeats = true;
      }
      repeats |= inner;
    }
    return repeats;
  }

  private void escape() {
    if (at < pattern.length()) {
      char c = pattern.charAt(at++);
      if ((c >= '1' && c <= '9') || c == 'k' || c == 'g') {
        throw fault("refers back to a group");
      }
      if (c == 'p' || c == 'P' || c == 'x') {
        int end = pattern.indexOf('}', at);
        at = at < pattern.length() && pattern.charAt(at) == '{' && end > 0 ? end + 1 : at;
      }
    }
  }

  /** Skips a class, which may have classes in it. */
  private void characterClass() {
    for (int depth = 1; at < pattern.length() && depth > 0; at++) {
      char c = pattern.charAt(at);
      if (c == '\\') {
        at++;
      } else if (c == '[') {
        depth++;
      } else if (c == ']') {
        depth--;
      }
      if (depth > DEEPEST) {
        throw fault("is nested more than %s deep".formatted(DEEPEST));
      }
    }
  }

  /** Skips what says how often. @return whether that is without bound, or more than a few times */
  private boolean repetition() {
    boolean many = false;
    while (at < pattern.length() && "*+?{".indexOf(pattern.charAt(at)) >= 0) {
      char c = pattern.charAt(at++);
      if (c == '{') {
        int end = pattern.indexOf('}', at);
        String bounds = end < 0 ? "" : pattern.substring(at, end);
        if (!bounds.matches("[0-9]{0,4}(,[0-9]{0,4})?")) {
          return many; // a brace that stands for itself
        }
        for (String bound : bounds.split(",")) {
          if (!bound.isEmpty() && Integer.parseInt(bound) > MOST_REPETITIONS) {
            throw fault("repeats more than %s times".formatted(MOST_REPETITIONS));
          }
        }
        many |= bounds.endsWith(",") || bounds.matches(".*[1-9][0-9].*");
        at = end + 1;
      } else {
        many |= c != '?';
      }
    }
    return many;
  }

  private static IllegalArgumentException fault(String what) {
    return new IllegalArgumentException("one of its patterns " + what);
  }
}
