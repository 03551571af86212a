package ai.dmt.internal.jinja;

/** Escapes of text literals: Python's codec "unicode-escape" over ASCII, as jinja2 reads them. */
final class Escapes {
  private Escapes() {}

  /** Other characters become escapes first, so one behind a backslash is no character any more. */
  static String unescape(String text, int line) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    String ascii = ascii(text);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < ascii.length(); ) {
      char c = ascii.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      if (i == ascii.length()) {
        throw JinjaException.syntax(line, "\\ at end of string");
      }
      i = escape(ascii, i, out, line);
    }
    return out.toString();
  }

  private static String ascii(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c < 0x80) {
                out.append((char) c);
              } else {
                hex(out, c);
              }
            });
    return out.toString();
  }

  /** A character as Python's backslashreplace and repr write it. */
  static void hex(StringBuilder out, int c) {
    String digits = Integer.toHexString(c);
    int length = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    out.append(length == 2 ? "\\x" : length == 4 ? "\\u" : "\\U");
    out.append("0".repeat(length - digits.length())).append(digits);
  }

  private static int escape(String text, int from, StringBuilder out, int line) {
    char c = text.charAt(from);
    int simple = "\n\\'\"abfnrtv".indexOf(c);
    if (simple == 0) {
      return from + 1;
    }
    if (simple > 0) {
      out.append("\n\\'\"\u0007\b\f\n\r\t\u000b".charAt(simple));
      return from + 1;
    }
    if (c >= '0' && c <= '7') {
      int end = from;
      int value = 0;
      while (end < text.length() && end < from + 3 && digit(text, end, 8) >= 0) {
        value = 8 * value + digit(text, end++, 8);
      }
      out.append((char) value);
      return end;
    }
    int length = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (length > 0) {
      return code(text, from + 1, length, out, line);
    }
    if (c == 'N') {
      return named(text, from + 1, out, line);
    }
    out.append('\\').append(c);
    return from + 1;
  }

  private static int digit(String text, int at, int base) {
    return Character.digit(text.charAt(at), base);
  }

  private static int code(String text, int from, int length, StringBuilder out, int line) {
    long value = 0;
    for (int i = from; i < from + length; i++) {
      if (i >= text.length() || digit(text, i, 16) < 0) {
        throw JinjaException.syntax(line, "truncated escape in a text");
      }
      value = 16 * value + digit(text, i, 16);
    }
    if (value > Character.MAX_CODE_POINT) {
      throw JinjaException.syntax(line, "illegal Unicode character");
    }
    if (value >= 0xD800 && value < 0xE000) {
      throw JinjaException.syntax(line, "half a character (a surrogate) in a text");
    }
    out.appendCodePoint((int) value);
    return from + length;
  }

  private static int named(String text, int from, StringBuilder out, int line) {
    int end = text.indexOf('}', from);
    if (from >= text.length() || text.charAt(from) != '{' || end < 0) {
      throw JinjaException.syntax(line, "malformed \\N character escape");
    }
    try {
      out.appendCodePoint(Character.codePointOf(text.substring(from + 1, end)));
    } catch (IllegalArgumentException e) {
      throw JinjaException.syntax(line, "unknown Unicode character name");
    }
    return end + 1;
  }
}
