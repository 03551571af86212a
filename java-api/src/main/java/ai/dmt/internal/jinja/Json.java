package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code json.dumps}, as transformers' {@code tojson} calls it. */
final class Json {
  private static final Signature SIGNATURE =
      Signature.of("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");

  private final Run run;
  private final boolean ascii;
  private final boolean sorted;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final StringBuilder out = new StringBuilder();

  private Json(Run run, Signature.Bound given) {
    this.run = run;
    this.ascii = given.truth(run, 0);
    this.sorted = given.truth(run, 3);
    this.indent = indent(run, given.get(1));
    List<?> separators =
        given.get(2) == null
            ? List.of(indent == null ? ", " : ",", ": ")
            : Values.unpack(run, given.get(2), 2);
    this.itemSeparator = Values.demandText(separators.get(0));
    this.keySeparator = Values.demandText(separators.get(1));
  }

  private static String indent(Run run, Object indent) {
    if (indent == null || indent instanceof String) {
      return (String) indent;
    }
    int width = Math.max(0, Numbers.index(indent));
    run.room(width);
    return " ".repeat(width);
  }

  static String write(Run run, Object value, Arguments given) {
    Json json = new Json(run, SIGNATURE.bind(given));
    json.value(value, 0);
    return run.text(json.out);
  }

  private void value(Object value, int depth) {
    run.step(1);
    if (value instanceof String text) {
      quote(text);
    } else if (value instanceof Markup markup) {
      quote(markup.text());
    } else if (value == null) {
      out.append("null");
    } else if (value instanceof Boolean) {
      out.append(value);
    } else if (Numbers.isInteger(value)) {
      out.append(Numbers.str(value));
    } else if (value instanceof Double number) {
      out.append(real(number));
    } else if (value instanceof List<?> list) {
      items(list, depth);
    } else if (value instanceof Tuple tuple) {
      items(tuple.items(), depth);
    } else if (value instanceof Dict dict) {
      dict(dict, depth);
    } else {
      throw JinjaException.type(
          "Object of type %s is not JSON serializable", Values.typeName(value));
    }
  }

  private static String real(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    return Double.isInfinite(number) ? number > 0 ? "Infinity" : "-Infinity" : Numbers.repr(number);
  }

  private void items(List<?> items, int depth) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    run.enter();
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      out.append(i > 0 ? itemSeparator : "");
      line(depth + 1);
      value(items.get(i), depth + 1);
    }
    line(depth);
    out.append(']');
    run.leave();
  }

  private void dict(Dict dict, int depth) {
    if (dict.size() == 0) {
      out.append("{}");
      return;
    }
    run.enter();
    List<Map.Entry<Object, Object>> entries = new ArrayList<>(dict.entries());
    if (sorted) {
      Sorting.sort(run, entries, Map.Entry::getKey, false);
    }
    out.append('{');
    boolean first = true;
    for (Map.Entry<Object, Object> entry : entries) {
      out.append(first ? "" : itemSeparator);
      first = false;
      line(depth + 1);
      quote(key(entry.getKey()));
      out.append(keySeparator);
      value(entry.getValue(), depth + 1);
    }
    line(depth);
    out.append('}');
    run.leave();
  }

  private static String key(Object key) {
    if (key instanceof String text) {
      return text;
    }
    if (key == null) {
      return "null";
    }
    if (key instanceof Boolean) {
      return key.toString();
    }
    if (key instanceof Double number) {
      return real(number);
    }
    if (Numbers.isInteger(key)) {
      return Numbers.str(key);
    }
    throw JinjaException.type(
        "keys must be str, int, float, bool or None, not %s", Values.typeName(key));
  }

  private void line(int depth) {
    if (indent != null) {
      run.room((long) indent.length() * depth);
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void quote(String text) {
    run.room(2L + text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || ascii && c > 0x7E) {
            String digits = Integer.toHexString(c);
            out.append("\\u").append("0".repeat(4 - digits.length())).append(digits);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
