package ai.dmt.internal.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Text of unknown origin where people read it: no character that a terminal obeys or that changes
 * the order of what is seen, and no more of it than a person reads. What is cut is counted.
 *
 * <p>Exceptions of this library pass their messages through here, so a value of a file may stand in
 * them as it is; {@link #value} is for values that can be long, so that the rest of the sentence
 * stays whole.
 */
public final class Printable {
  private static final int VALUE_CHARACTERS = 200;
  private static final int SENTENCE_CHARACTERS = 2000;
  private static final int LINES = 100;
  private static final int CHARACTERS = 8000; // of all lines

  /** Of a text that is cut, the share that is shown of its end. */
  private static final int END_SHARE = 5;

  private Printable() {}

  /**
   * {@return one value of a file, such as a name or a key: on one line, at most 200 characters
   * before escapes and the count of what is cut}
   *
   * @param text of any length
   */
  public static String value(String text) {
    return escaped(cut(text, VALUE_CHARACTERS), false);
  }

  /**
   * {@return a message of one sentence: on one line, at most 2,000 characters before escapes and
   * the count of what is cut}
   *
   * @param text of any length; line ends are escaped
   */
  public static String sentence(String text) {
    return escaped(cut(text, SENTENCE_CHARACTERS), false);
  }

  /**
   * {@return a message of several lines, each as {@link #sentence} gives it; at most 100 lines and
   * about 8,000 characters, then how many lines more there are}
   *
   * @param text of any length
   */
  public static String lines(String text) {
    List<String> lines = new ArrayList<>();
    int characters = 0;
    for (String line : (Iterable<String>) text.lines().limit(LINES)::iterator) {
      String sentence = sentence(line);
      characters += sentence.length();
      if (characters > CHARACTERS && !lines.isEmpty()) {
        break;
      }
      lines.add(sentence);
    }
    String shown = String.join("\n", lines);
    long more = text.lines().count() - lines.size();
    return more == 0 ? shown : "%s\n... and %s more lines".formatted(shown, more);
  }

  /**
   * {@return a text at its full length, with escapes; line ends and tabs stay}
   *
   * @param text of any length
   */
  public static String text(String text) {
    return escaped(text, true);
  }

  /**
   * {@return what a failure says; its type where it says nothing}
   *
   * @param failure with or without a message, whole as it is
   */
  public static String reason(Throwable failure) {
    return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
  }

  private static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = most / END_SHARE;
    int from = text.length() - end;
    int to = most - end;
    // Half of a pair would be shown as an escape.
    to -= Character.isHighSurrogate(text.charAt(to - 1)) ? 1 : 0;
    from += Character.isLowSurrogate(text.charAt(from)) ? 1 : 0;
    return "%s... (%s characters cut) ...%s"
        .formatted(text.substring(0, to), from - to, text.substring(from));
  }

  private static String escaped(String text, boolean keepsLayout) {
    if (text.chars().allMatch(c -> c >= ' ' && c < 127)) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (!isObeyed(c) || keepsLayout && (c == '\n' || c == '\t')) {
                shown.appendCodePoint(c);
              } else {
                shown.append(escape(c));
              }
            });
    return shown.toString();
  }

  private static String escape(int c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> String.format(Locale.ROOT, c < 256 ? "\\x%02x" : "\\u%04x", c);
    };
  }

  /** Controls, line ends, marks of direction and others without a shape, halves of pairs. */
  private static boolean isObeyed(int c) {
    boolean joins = c == 0x200C || c == 0x200D; // part of words and of pictures
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      case Character.FORMAT -> !joins;
      default -> false;
    };
  }
}
