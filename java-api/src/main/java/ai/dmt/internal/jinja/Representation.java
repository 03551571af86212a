package ai.dmt.internal.jinja;

import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
final class Representation {
  private Representation() {}

  static String str(Run run, Object value) {
    if (value instanceof String text) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    str(run, value, out);
    return run.text(out);
  }

  static void str(Run run, Object value, StringBuilder out) {
    if (value instanceof String text) {
      out.append(text);
    } else if (value instanceof Markup markup) {
      out.append(markup.text());
    } else if (!(value instanceof Undefined)) {
      repr(run, value, out);
    }
  }

  static String repr(Run run, Object value) {
    StringBuilder out = new StringBuilder();
    repr(run, value, out);
    return run.text(out);
  }

  private static void repr(Run run, Object value, StringBuilder out) {
    run.step(1);
    if (value == null) {
      out.append("None");
    } else if (value instanceof String text) {
      run.room(2L * text.length());
      quote(text, out);
    } else if (value instanceof Boolean truth) {
      out.append(truth ? "True" : "False");
    } else if (value instanceof Double number) {
      out.append(Numbers.repr(number));
    } else if (Numbers.isInteger(value)) {
      out.append(Numbers.str(value));
    } else if (value instanceof List<?> list) {
      items(run, "[", list, "]", out);
    } else if (value instanceof Tuple tuple) {
      items(run, "(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")", out);
    } else if (value instanceof Dict dict) {
      dict(run, dict, out);
    } else if (value instanceof DictView view) {
      out.append(Values.typeName(view)).append('(');
      items(run, "[", view.items(), "]", out);
      out.append(')');
    } else if (value instanceof Namespace namespace) {
      out.append("<Namespace ");
      dict(run, namespace.attributes(), out);
      out.append('>');
    } else {
      other(run, value, out);
    }
  }

  private static void other(Run run, Object value, StringBuilder out) {
    if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof Range) {
      out.append(value);
    } else if (value instanceof Macro macro) {
      out.append("<Macro ");
      if (macro.name() == null) {
        out.append("anonymous");
      } else {
        quote(macro.name(), out);
      }
      out.append('>');
    } else if (value instanceof Loop loop) {
      out.append("<LoopContext ");
      repr(run, loop.attribute("index"), out);
      out.append('/').append(loop.length()).append('>');
    } else if (value instanceof Markup markup) {
      out.append("Markup(");
      quote(markup.text(), out);
      out.append(')');
    } else {
      throw JinjaException.refused(
          "a value of type %s is written as an address in memory, which is not supported",
          Values.typeName(value));
    }
  }

  private static void items(Run run, String open, List<?> items, String close, StringBuilder out) {
    run.enter();
    out.append(open);
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.append(", ");
      }
      repr(run, items.get(i), out);
    }
    out.append(close);
    run.leave();
  }

  private static void dict(Run run, Dict dict, StringBuilder out) {
    run.enter();
    out.append('{');
    String separator = "";
    for (Map.Entry<Object, Object> entry : dict.entries()) {
      out.append(separator);
      separator = ", ";
      repr(run, entry.getKey(), out);
      out.append(": ");
      repr(run, entry.getValue(), out);
    }
    out.append('}');
    run.leave();
  }

  static String quote(String text) {
    StringBuilder out = new StringBuilder();
    quote(text, out);
    return out.toString();
  }

  private static void quote(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                out.append('\\').append((char) c);
              } else if (c == '\n') {
                out.append("\\n");
              } else if (c == '\r') {
                out.append("\\r");
              } else if (c == '\t') {
                out.append("\\t");
              } else if (c < 0x20 || c == 0x7F || !Unicode.isPrintable(c)) {
                Escapes.hex(out, c);
              } else {
                out.appendCodePoint(c);
              }
            });
    out.append(quote);
  }
}
