package ai.dmt.study.executor;

import java.util.List;
import java.util.stream.Collectors;

/** Words as a POSIX shell takes them for words, whatever they hold. */
final class ShellWords {
  private ShellWords() {}

  /** One word; only plain ones are left bare. */
  static String quote(String word) {
    if (word.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a word of a command cannot hold NUL: " + word);
    }
    return word.matches("[A-Za-z0-9_./:=+,@%-]+") && !word.startsWith("-=")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }

  static String join(List<String> words) {
    return words.stream().map(ShellWords::quote).collect(Collectors.joining(" "));
  }
}
