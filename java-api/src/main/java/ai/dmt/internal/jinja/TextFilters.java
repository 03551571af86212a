package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Filters that make texts. */
final class TextFilters {
  private TextFilters() {}

  static void addTo(Map<String, Filter> f) {
    Filters.add(f, "upper", 0, (r, v, a) -> r.text(Unicode.upper(soft(r, v))));
    Filters.add(f, "lower", 0, (r, v, a) -> r.text(Unicode.lower(soft(r, v))));
    Filters.add(f, "capitalize", 0, (r, v, a) -> r.text(TextMethods.capitalize(soft(r, v))));
    Filters.add(f, "title", 0, (r, v, a) -> r.text(title(soft(r, v))));
    Filters.add(f, "string", 0, (r, v, a) -> v instanceof Markup ? v : Representation.str(r, v));
    Filters.add(
        f, "trim", 0, (r, v, a) -> r.text(TextTrim.strip(soft(r, v), a.textOrNull(0))), "chars");
    Filters.add(
        f, "center", 0, (r, v, a) -> TextTrim.center(r, soft(r, v), a.number(0, 80), " "), "width");
    Filters.add(
        f,
        "replace",
        2,
        (r, v, a) ->
            TextSplit.replace(
                r,
                Representation.str(r, v),
                Representation.str(r, a.get(0)),
                Representation.str(r, a.get(1)),
                a.get(2) == null ? -1 : a.number(2, -1)),
        "old",
        "new",
        "count");
    Filters.add(f, "indent", 0, TextFilters::indent, "width", "first", "blank");
    Filters.add(f, "truncate", 0, TextFilters::truncate, "length", "killwords", "end", "leeway");
    Filters.add(
        f,
        "wordwrap",
        0,
        TextFilters::wordWrap,
        "width",
        "break_long_words",
        "wrapstring",
        "break_on_hyphens");
    Filters.add(f, "wordcount", 0, (r, v, a) -> wordCount(soft(r, v)));
    Filters.add(f, "pprint", 0, (r, v, a) -> prettyPrint(r, v));
    f.put("format", TextFilters::format);
    f.put("tojson", (run, value, given) -> Json.write(run, value, given));
  }

  /** A text as it is, anything else as it is written. */
  static String soft(Run run, Object value) {
    if (value instanceof Markup) {
      throw Markup.refusal();
    }
    String text = Representation.str(run, value);
    run.step(text.length() / 4 + 1L);
    return text;
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (int i = 0; i <= text.length(); i++) {
      boolean border = i < text.length() && isBorder(text.charAt(i));
      if (border || i == text.length()) {
        word(text.substring(from, i), out);
        if (border) {
          out.append(text.charAt(i)); // unchanged by upper and lower
        }
        from = i + 1;
      }
    }
    return out.toString();
  }

  private static boolean isBorder(char c) {
    return c == '-' || c == '(' || c == '{' || c == '[' || c == '<' || Unicode.isSpace(c);
  }

  private static void word(String word, StringBuilder out) {
    if (!word.isEmpty()) {
      int first = word.offsetByCodePoints(0, 1);
      out.append(Unicode.upper(word.substring(0, first)));
      out.append(Unicode.lower(word.substring(first)));
    }
  }

  private static Object indent(Run run, Object value, Signature.Bound given) {
    String text = Values.demandText(value);
    String indention;
    if (given.get(0) instanceof String own) {
      indention = own;
    } else {
      int width = Math.max(0, given.number(0, 4));
      run.room(width);
      indention = " ".repeat(width);
    }
    boolean blank = given.truth(run, 2);
    List<Object> lines = TextSplit.lines(run, text + "\n", false);
    StringBuilder out = new StringBuilder(given.truth(run, 1) ? indention : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      String before = i == 0 ? "" : blank || !line.isEmpty() ? "\n" + indention : "\n";
      run.room((long) before.length() + line.length());
      out.append(before).append(line);
    }
    return out.toString();
  }

  private static Object truncate(Run run, Object value, Signature.Bound given) {
    int length = given.number(0, 255);
    String end = given.text(2, "...");
    int leeway = given.get(3) == null ? 5 : given.number(3, 5);
    long endLength = Values.length(run, end);
    if (length < endLength || leeway < 0) {
      throw JinjaException.value("expected length >= %s and leeway >= 0", endLength);
    }
    if (Values.length(run, value) <= (long) length + leeway) {
      return value;
    }
    String text = Values.demandText(value);
    String cut = Slices.text(run, text, null, length - endLength, null);
    if (!given.truth(run, 1)) {
      int space = cut.lastIndexOf(' ');
      cut = space < 0 ? cut : cut.substring(0, space);
    }
    return cut + end;
  }

  private static Object wordWrap(Run run, Object value, Signature.Bound given) {
    String between = given.get(2) == null ? "\n" : given.text(2);
    int width = given.number(0, 79);
    boolean breakLong = !given.has(1) || given.truth(run, 1);
    boolean hyphens = !given.has(3) || given.truth(run, 3);
    List<Object> paragraphs = new ArrayList<>();
    for (Object line : TextSplit.lines(run, Values.demandText(value), false)) {
      List<Object> lines = WordWrap.wrap(run, (String) line, width, breakLong, hyphens);
      paragraphs.add(TextMethods.join(run, between, lines));
    }
    return TextMethods.join(run, between, paragraphs);
  }

  private static long wordCount(String text) {
    long count = 0;
    boolean inside = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      int type = Character.getType(c);
      boolean word =
          c == '_'
              || Character.isLetter(c)
              || type == Character.DECIMAL_DIGIT_NUMBER
              || type == Character.LETTER_NUMBER
              || type == Character.OTHER_NUMBER;
      count += word && !inside ? 1 : 0;
      inside = word;
    }
    return count;
  }

  private static Object format(Run run, Object value, Arguments given) {
    if (!given.positional().isEmpty() && !given.named().isEmpty()) {
      throw JinjaException.value("can't handle positional and keyword arguments at the same time");
    }
    Object values = new Tuple(given.positional());
    if (!given.named().isEmpty()) {
      Dict named = new Dict();
      given.named().forEach(named::put);
      values = named;
    }
    return PercentFormat.format(run, soft(run, value), values);
  }

  /** What fits in a line; Python's module breaks the rest in a way of its own. */
  private static String prettyPrint(Run run, Object value) {
    String text = Representation.repr(run, sorted(run, value));
    if (text.codePointCount(0, text.length()) > 80) {
      throw JinjaException.refused("filter 'pprint' of more than a line is not supported");
    }
    return text;
  }

  private static Object sorted(Run run, Object value) {
    run.enter();
    Object result = value;
    if (value instanceof Dict dict) {
      List<Map.Entry<Object, Object>> entries = new ArrayList<>(dict.entries());
      for (Map.Entry<Object, Object> entry : entries) {
        if (!(entry.getKey() instanceof String)) {
          throw JinjaException.refused("filter 'pprint' of keys that are no text");
        }
      }
      Sorting.sort(run, entries, Map.Entry::getKey, false);
      Dict copy = new Dict();
      entries.forEach(entry -> copy.put(entry.getKey(), sorted(run, entry.getValue())));
      result = copy;
    } else if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(each -> copy.add(sorted(run, each)));
      result = copy;
    } else if (value instanceof Tuple tuple) {
      List<Object> copy = new ArrayList<>();
      tuple.items().forEach(each -> copy.add(sorted(run, each)));
      result = new Tuple(copy);
    }
    run.leave();
    return result;
  }
}
