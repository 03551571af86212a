package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's {@code textwrap.wrap} without expanded tabs and replaced white space. */
final class WordWrap {
  private WordWrap() {}

  static List<Object> wrap(
      Run run, String text, int width, boolean breakLongWords, boolean breakOnHyphens) {
    if (width <= 0) {
      throw JinjaException.value("invalid width %s (must be > 0)", width);
    }
    if (text.codePoints().anyMatch(c -> c > 0x7F) || breakOnHyphens && text.indexOf('-') >= 0) {
      throw JinjaException.refused(
          "filter 'wordwrap' of hyphens or letters other than ASCII is not supported");
    }
    List<String> chunks = chunks(text);
    List<Object> lines = new ArrayList<>();
    int at = 0;
    while (at < chunks.size()) {
      run.step(4);
      StringBuilder line = new StringBuilder();
      if (!lines.isEmpty() && chunks.get(at).isBlank()) {
        at++;
      }
      int last = -1;
      while (at < chunks.size() && line.length() + chunks.get(at).length() <= width) {
        last = line.length();
        line.append(chunks.get(at++));
      }
      if (at < chunks.size() && chunks.get(at).length() > width) {
        int space = width - line.length();
        if (breakLongWords) {
          if (space > 0) {
            last = line.length();
            line.append(chunks.get(at), 0, space);
            chunks.set(at, chunks.get(at).substring(space));
          }
        } else if (line.length() == 0) {
          last = 0;
          line.append(chunks.get(at++));
        }
      }
      if (last >= 0 && line.substring(last).isBlank()) {
        line.setLength(last);
      }
      if (line.length() > 0) {
        lines.add(run.text(line));
      }
    }
    return lines;
  }

  /** Words and the white space between them. */
  private static List<String> chunks(String text) {
    List<String> chunks = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= text.length(); i++) {
      if (i == text.length() || isSpace(text.charAt(i)) != isSpace(text.charAt(i - 1))) {
        chunks.add(text.substring(from, i));
        from = i;
      }
    }
    return chunks;
  }

  private static boolean isSpace(char c) {
    return "\t\n\u000b\f\r ".indexOf(c) >= 0;
  }
}
