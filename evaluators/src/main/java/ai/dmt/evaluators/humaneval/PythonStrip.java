package ai.dmt.evaluators.humaneval;

/** {@code str.strip()} of Python, which takes off no-break spaces, too. */
final class PythonStrip {
  private static final char NEXT_LINE = 0x85;

  private PythonStrip() {}

  static String strip(String text) {
    int begin = 0;
    int end = text.length();
    while (begin < end && isBlank(text.charAt(begin))) {
      begin++;
    }
    while (end > begin && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static boolean isBlank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == NEXT_LINE;
  }
}
