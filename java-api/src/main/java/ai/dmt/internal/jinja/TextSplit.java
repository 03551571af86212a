package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Ways to cut texts. */
final class TextSplit {
  private TextSplit() {}

  static List<Object> split(Run run, String text, String separator, long most) {
    long limit = most < 0 ? Long.MAX_VALUE : most;
    if (separator == null) {
      return words(run, text, limit);
    }
    demandSeparator(separator);
    List<Object> parts = new ArrayList<>();
    int from = 0;
    while (parts.size() < limit) {
      int at = Search.find(run, text, separator, from);
      if (at < 0) {
        break;
      }
      add(run, parts, text, from, at);
      from = at + separator.length();
    }
    add(run, parts, text, from, text.length());
    return parts;
  }

  static void demandSeparator(String separator) {
    if (separator.isEmpty()) {
      throw JinjaException.value("empty separator");
    }
  }

  private static void add(Run run, List<Object> parts, String text, int from, int to) {
    run.room(8L + to - from);
    parts.add(text.substring(from, to));
  }

  private static List<Object> words(Run run, String text, long most) {
    List<Object> parts = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < text.length() && Unicode.isSpace(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        return parts;
      }
      if (parts.size() >= most) {
        add(run, parts, text, at, text.length());
        return parts;
      }
      int from = at;
      while (at < text.length() && !Unicode.isSpace(text.charAt(at))) {
        at++;
      }
      add(run, parts, text, from, at);
    }
  }

  static List<Object> splitFromRight(Run run, String text, String separator, long most) {
    long limit = most < 0 ? Long.MAX_VALUE : most;
    if (separator == null) {
      return wordsFromRight(run, text, limit);
    }
    demandSeparator(separator);
    List<Object> parts = new ArrayList<>();
    int to = text.length();
    while (parts.size() < limit) {
      int at = Search.findLast(run, text, separator, to);
      if (at < 0) {
        break;
      }
      add(run, parts, text, at + separator.length(), to);
      to = at;
    }
    add(run, parts, text, 0, to);
    Collections.reverse(parts);
    return parts;
  }

  private static List<Object> wordsFromRight(Run run, String text, long most) {
    List<Object> parts = new ArrayList<>();
    int at = text.length();
    while (true) {
      while (at > 0 && Unicode.isSpace(text.charAt(at - 1))) {
        at--;
      }
      if (at == 0) {
        break;
      }
      if (parts.size() >= most) {
        add(run, parts, text, 0, at);
        break;
      }
      int to = at;
      while (at > 0 && !Unicode.isSpace(text.charAt(at - 1))) {
        at--;
      }
      add(run, parts, text, at, to);
    }
    Collections.reverse(parts);
    return parts;
  }

  static List<Object> lines(Run run, String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      if (Unicode.isLineEnd(text.charAt(i))) {
        int next = i + 1;
        if (text.charAt(i) == '\r' && next < text.length() && text.charAt(next) == '\n') {
          next++;
        }
        add(run, lines, text, from, keepEnds ? next : i);
        from = next;
        i = next - 1;
      }
    }
    if (from < text.length()) {
      add(run, lines, text, from, text.length());
    }
    return lines;
  }

  static Tuple partition(Run run, String text, String separator, boolean fromRight) {
    demandSeparator(separator);
    int at =
        fromRight
            ? Search.findLast(run, text, separator, text.length())
            : Search.find(run, text, separator, 0);
    run.room(text.length());
    if (at < 0) {
      return fromRight ? Tuple.of("", "", text) : Tuple.of(text, "", "");
    }
    return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  static String replace(Run run, String text, String old, String with, long most) {
    long limit = most < 0 ? Long.MAX_VALUE : most;
    StringBuilder out = new StringBuilder();
    int from = 0;
    long done = 0;
    while (done < limit) {
      int at;
      if (old.isEmpty()) {
        at = done == 0 ? 0 : from < text.length() ? text.offsetByCodePoints(from, 1) : -1;
      } else {
        at = Search.find(run, text, old, from);
      }
      if (at < 0) {
        break;
      }
      run.room((long) at - from + with.length());
      out.append(text, from, at).append(with);
      from = at + old.length();
      done++;
    }
    return run.text(out.append(text, from, text.length()));
  }
}
