package ai.dmt.internal.jinja;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Filters for pages and addresses. */
final class HtmlFilters {
  private HtmlFilters() {}

  static void addTo(Map<String, Filter> f) {
    Filters.add(f, "e", 0, (r, v, a) -> escape(r, v));
    Filters.add(f, "escape", 0, (r, v, a) -> escape(r, v));
    Filters.add(
        f, "forceescape", 0, (r, v, a) -> new Markup(Markup.escape(Representation.str(r, v))));
    Filters.add(f, "safe", 0, (r, v, a) -> new Markup(Representation.str(r, v)));
    Filters.add(f, "striptags", 0, (r, v, a) -> stripTags(r, v));
    Filters.add(f, "urlencode", 0, (r, v, a) -> urlEncode(r, v));
    Filters.add(f, "xmlattr", 0, HtmlFilters::attributes, "autospace");
  }

  private static Object escape(Run run, Object value) {
    if (value instanceof Markup) {
      return value;
    }
    String text = Representation.str(run, value);
    run.room(6L * text.length());
    return new Markup(Markup.escape(text));
  }

  private static Object stripTags(Run run, Object value) {
    String text = Representation.str(run, value);
    String plain = without(without(text, "<!--", "-->"), "<", ">");
    if (plain.indexOf('&') >= 0) {
      throw JinjaException.refused("filter 'striptags' of a text with '&' is not supported");
    }
    List<Object> words = TextSplit.split(run, plain, null, -1);
    return new Markup(TextMethods.join(run, " ", words));
  }

  /** As Python does it: what is before a mark may become part of another one. */
  private static String without(String text, String open, String close) {
    StringBuilder out = new StringBuilder();
    String rest = text;
    while (true) {
      int from = rest.indexOf(open);
      int to = from < 0 ? -1 : rest.indexOf(close, from);
      if (to < 0) {
        return out.append(rest).toString();
      }
      out.append(rest, 0, from);
      rest = rest.substring(to + close.length());
      if (open.length() > 1 && out.length() > 0 && out.charAt(out.length() - 1) == '<') {
        throw JinjaException.refused("filter 'striptags' of such a comment is not supported");
      }
    }
  }

  private static Object urlEncode(Run run, Object value) {
    if (Values.isText(value) || !Values.isIterable(value)) {
      return quote(run, Representation.str(run, value), false);
    }
    Object pairs = value instanceof Dict dict ? new DictView(dict, DictView.Part.ITEMS) : value;
    StringBuilder out = new StringBuilder();
    Iterator<Object> items = Values.iterate(run, pairs);
    while (items.hasNext()) {
      List<Object> pair = Values.unpack(run, items.next(), 2);
      out.append(out.length() == 0 ? "" : "&")
          .append(quote(run, Representation.str(run, pair.get(0)), true))
          .append('=')
          .append(quote(run, Representation.str(run, pair.get(1)), true));
    }
    return run.text(out);
  }

  private static String quote(Run run, String text, boolean forQuery) {
    run.room(9L * text.length());
    StringBuilder out = new StringBuilder();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xFF);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "_.-~".indexOf(c) >= 0
              || !forQuery && c == '/';
      if (plain) {
        out.append(c);
      } else if (forQuery && c == ' ') {
        out.append('+');
      } else {
        out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        out.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    return out.toString();
  }

  private static Object attributes(Run run, Object value, Signature.Bound given) {
    if (!(value instanceof Dict dict)) {
      throw JinjaException.type("xmlattr needs a dict");
    }
    StringBuilder out = new StringBuilder();
    for (Map.Entry<Object, Object> entry : dict.entries()) {
      if (entry.getValue() == null || entry.getValue() instanceof Undefined) {
        continue;
      }
      String key = Values.demandText(entry.getKey());
      if (key.chars().anyMatch(c -> "\t\n\u000b\f\r />=".indexOf(c) >= 0)) {
        throw JinjaException.value("invalid character in attribute name");
      }
      out.append(out.length() == 0 ? "" : " ");
      out.append(Markup.escape(key)).append("=\"");
      Object escaped = escape(run, entry.getValue());
      out.append(((Markup) escaped).text()).append('"');
    }
    boolean space = (!given.has(0) || given.truth(run, 0)) && out.length() > 0;
    return run.text(space ? out.insert(0, ' ') : out);
  }
}
