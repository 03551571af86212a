package ai.dmt.internal.jinja;

import java.util.Locale;

/** What Python says of characters. */
final class Unicode {
  /** First and last of the ranges whose characters have a digit's value but are no decimals. */
  private static final int[] DIGITS = {
    0xB2, 0xB3, 0xB9, 0xB9, 0x1369, 0x1371, 0x19DA, 0x19DA, 0x2070, 0x2070, 0x2074, 0x2079, 0x2080,
    0x2089, 0x2460, 0x2468, 0x2474, 0x247C, 0x2488, 0x2490, 0x24EA, 0x24EA, 0x24F5, 0x24FD, 0x24FF,
    0x24FF, 0x2776, 0x277E, 0x2780, 0x2788, 0x278A, 0x2792, 0x10A40, 0x10A43, 0x10E60, 0x10E68,
    0x11052, 0x1105A, 0x1F100, 0x1F10A
  };

  /** Words that stand for numbers, all of Chinese writing. */
  private static final String NUMBER_WORDS =
      "\u3405\u3483\u382A\u3B4D\u4E00\u4E03\u4E07\u4E09\u4E5D\u4E8C\u4E94\u4E96"
          + "\u4EBF\u4EC0\u4EDF\u4EE8\u4F0D\u4F70\u5104\u5146\u5169\u516B\u516D\u5341"
          + "\u5343\u5344\u5345\u534C\u53C1\u53C2\u53C3\u53C4\u56DB\u58F1\u58F9\u5E7A"
          + "\u5EFE\u5EFF\u5F0C\u5F0D\u5F0E\u5F10\u62FE\u634C\u67D2\u6F06\u7396\u767E"
          + "\u8086\u842C\u8CAE\u8CB3\u8D30\u9621\u9646\u964C\u9678\u96F6\uF96B\uF973"
          + "\uF978\uF9B2\uF9D1\uF9D3\uF9FD\uD840\uDC01\uD840\uDC64\uD840\uDCE2\uD840"
          + "\uDD21\uD842\uDD2A\uD842\uDD83\uD842\uDD8C\uD842\uDD9C\uD842\uDEEA\uD842"
          + "\uDEFD\uD842\uDF19\uD848\uDF90\uD84A\uDD98\uD84E\uDF1B\uD858\uDE6D\uD87E"
          + "\uDC90";

  private Unicode() {}

  /** {@code str.isspace}, which is also the white space of {@code strip} and {@code split}. */
  static boolean isSpace(int c) {
    if (c <= 0x20) {
      return c == 0x20 || c >= 9 && c <= 13 || c >= 0x1C;
    }
    return c == 0x85
        || c == 0xA0
        || c == 0x1680
        || c >= 0x2000 && c <= 0x200A
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** Whether all characters are white space, and there is one. */
  static boolean isSpace(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!isSpace(text.charAt(i))) {
        return false;
      }
    }
    return to > from;
  }

  /** Where {@code splitlines} cuts. */
  static boolean isLineEnd(char c) {
    return c >= 0x0A && c <= 0x0D
        || c >= 0x1C && c <= 0x1E
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  static boolean isNameCharacter(int c) {
    return c < 0x80
        ? c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
        : Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
  }

  static boolean isIdentifier(String name) {
    int first = name.codePointAt(0);
    return first == '_' || Character.isUnicodeIdentifierStart(first);
  }

  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  static boolean isDecimal(int c) {
    return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
  }

  static boolean isDigit(int c) {
    if (isDecimal(c)) {
      return true;
    }
    for (int i = 0; i < DIGITS.length; i += 2) {
      if (c >= DIGITS[i] && c <= DIGITS[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Whether {@code isnumeric} holds for a letter. */
  static boolean isNumberWord(int c) {
    return c > 0x3400 && NUMBER_WORDS.indexOf(c) >= 0;
  }

  /** The small sigma for a capital one, which has another form at the end of a word. */
  static char lowerSigma(String text, int at) {
    int before = at;
    while (before > 0 && isIgnorable(text.codePointBefore(before))) {
      before -= Character.charCount(text.codePointBefore(before));
    }
    int after = at + 1;
    while (after < text.length() && isIgnorable(text.codePointAt(after))) {
      after += Character.charCount(text.codePointAt(after));
    }
    boolean isLast =
        before > 0
            && isCased(text.codePointBefore(before))
            && !(after < text.length() && isCased(text.codePointAt(after)));
    return isLast ? '\u03C2' : '\u03C3';
  }

  private static boolean isIgnorable(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> "'.:\u00B7\u0387\u2018\u2019\u2024\u2027".indexOf(c) >= 0;
    };
  }

  static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** A character that begins a word of {@code title}. */
  static String title(int c) {
    String upper = upper(Character.toString(c));
    if (Character.toTitleCase(c) != c || upper.codePointCount(0, upper.length()) == 1) {
      return Character.toString(Character.toTitleCase(c));
    }
    boolean isLigature = c == 0xDF || c == 0x587 || c >= 0xFB00 && c <= 0xFB17;
    int first = upper.offsetByCodePoints(0, 1);
    return isLigature ? upper.substring(0, first) + lower(upper.substring(first)) : upper;
  }

  /** {@code str.casefold}. */
  static String fold(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().forEach(c -> out.append(fold(c)));
    return out.toString();
  }

  private static String fold(int c) {
    String text = Character.toString(c);
    if (c < 0x80) {
      return lower(text);
    }
    if (c == 0x130) {
      return "i\u0307";
    }
    if (c == 0x131) {
      return text;
    }
    if (c >= 0x13A0 && c <= 0x13FF) { // Cherokee folds to its capitals
      return upper(text);
    }
    if (c >= 0xAB70 && c <= 0xABBF) {
      return upper(text);
    }
    String folded = lower(upper(lower(text)));
    return folded.replace('\u03C2', '\u03C3');
  }
}
