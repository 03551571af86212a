package ai.dmt.internal.jinja;

/** Python's {@code strip} and what pads texts. */
public final class TextTrim {
  private TextTrim() {}

  /**
   * As {@code str.strip}.
   *
   * @param text to strip at both ends
   * @param characters to take off; null for white space, as Python sees it
   * @return what is left; empty if nothing is
   */
  public static String strip(String text, String characters) {
    return left(right(text, characters), characters);
  }

  static String left(String text, String characters) {
    int from = 0;
    while (from < text.length()) {
      int c = text.codePointAt(from);
      if (!strips(c, characters)) {
        break;
      }
      from += Character.charCount(c);
    }
    return text.substring(from);
  }

  static String right(String text, String characters) {
    int to = text.length();
    while (to > 0) {
      int c = text.codePointBefore(to);
      if (!strips(c, characters)) {
        break;
      }
      to -= Character.charCount(c);
    }
    return text.substring(0, to);
  }

  private static boolean strips(int c, String characters) {
    return characters == null ? Unicode.isSpace(c) : characters.indexOf(c) >= 0;
  }

  /** Text with characters before and after it, as {@code center}, {@code ljust} and so on. */
  static String pad(Run run, String text, long left, long right, String fill) {
    if (left <= 0 && right <= 0) {
      return text;
    }
    run.room(Math.max(0, left) + Math.max(0, right) + text.length());
    return fill.repeat((int) Math.max(0, left)) + text + fill.repeat((int) Math.max(0, right));
  }

  static String center(Run run, String text, long width, String fill) {
    long missing = width - text.codePointCount(0, text.length());
    if (missing <= 0) {
      return text;
    }
    long left = missing / 2 + (missing & width & 1);
    return pad(run, text, left, missing - left, fill);
  }
}
