package ai.dmt.internal.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** What Python does with values of any type. */
final class Values {
  private Values() {}

  /** A value of Java's as one of a template's. */
  static Object of(Object value) {
    if (value instanceof Map<?, ?> map) {
      Dict dict = new Dict();
      map.forEach((key, each) -> dict.put(key, of(each)));
      return dict;
    }
    if (value instanceof List<?> list) {
      List<Object> items = new ArrayList<>(list.size());
      list.forEach(each -> items.add(of(each)));
      return items;
    }
    return value instanceof Integer number ? (Object) number.longValue() : value;
  }

  static String typeName(Object value) {
    if (value == null) {
      return "NoneType";
    }
    if (value instanceof String) {
      return "str";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (value instanceof Long || value instanceof BigInteger) {
      return "int";
    }
    if (value instanceof List<?>) {
      return "list";
    }
    if (value instanceof PyIterator iterator) {
      return iterator.type();
    }
    if (value instanceof DictView view) {
      return "dict_" + Unicode.lower(view.part().name());
    }
    return value instanceof Double
        ? "float"
        : value instanceof Callable ? "function" : Unicode.lower(value.getClass().getSimpleName());
  }

  static boolean isTrue(Run run, Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    return value instanceof BigInteger || lengthOrMinus(run, value) != 0;
  }

  /** {@code len}, or -1 of a value that has none. */
  static long lengthOrMinus(Run run, Object value) {
    if (value instanceof String text) {
      run.step(text.length() / 32 + 1L);
      return text.codePointCount(0, text.length());
    }
    if (value instanceof Markup markup) {
      return lengthOrMinus(run, markup.text());
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Tuple tuple) {
      return tuple.items().size();
    }
    if (value instanceof Dict dict) {
      return dict.size();
    }
    if (value instanceof DictView view) {
      return view.dict().size();
    }
    if (value instanceof Range range) {
      return range.size();
    }
    if (value instanceof Loop loop) {
      return loop.length();
    }
    return value instanceof Undefined ? 0 : -1;
  }

  static long length(Run run, Object value) {
    long length = lengthOrMinus(run, value);
    if (length < 0) {
      throw JinjaException.type("object of type '%s' has no len()", typeName(value));
    }
    return length;
  }

  static boolean isIterable(Object value) {
    return value instanceof String
        || value instanceof Markup
        || value instanceof List<?>
        || value instanceof Tuple
        || value instanceof Dict
        || value instanceof DictView
        || value instanceof Range
        || value instanceof PyIterator
        || value instanceof Loop
        || value instanceof Undefined;
  }

  static Iterator<Object> iterate(Run run, Object value) {
    if (value instanceof String text) {
      return characters(text);
    }
    if (value instanceof List<?> list) {
      return Collections.<Object>unmodifiableList(list).iterator();
    }
    if (value instanceof Tuple tuple) {
      return tuple.items().iterator();
    }
    if (value instanceof Dict dict) {
      return new DictView(dict, DictView.Part.KEYS).items().iterator();
    }
    if (value instanceof DictView view) {
      run.step(view.dict().size());
      return view.items().iterator();
    }
    if (value instanceof Range range) {
      return range.items().iterator();
    }
    if (value instanceof PyIterator iterator) {
      return iterator;
    }
    if (value instanceof Undefined) {
      return Collections.emptyIterator();
    }
    if (value instanceof Markup markup) {
      return characters(markup.text()); // Python gives plain characters
    }
    if (value instanceof Loop) {
      throw JinjaException.refused("a loop over the loop itself is not supported");
    }
    throw JinjaException.type("'%s' object is not iterable", typeName(value));
  }

  private static Iterator<Object> characters(String text) {
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        return at < text.length();
      }

      @Override
      public Object next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int from = at;
        at += Character.charCount(text.codePointAt(from));
        return text.substring(from, at);
      }
    };
  }

  /** A new list of what is gone through. */
  static List<Object> list(Run run, Object value) {
    Iterator<Object> items = iterate(run, value);
    List<Object> list = new ArrayList<>();
    while (items.hasNext()) {
      run.elements(1);
      list.add(items.next());
    }
    return list;
  }

  /** As many items as there are targets of an assignment. */
  static List<Object> unpack(Run run, Object value, int count) {
    if (!isIterable(value)) {
      throw JinjaException.type("cannot unpack non-iterable %s object", typeName(value));
    }
    Iterator<Object> items = iterate(run, value);
    List<Object> list = new ArrayList<>(count);
    while (items.hasNext() && list.size() <= count) {
      list.add(items.next());
    }
    if (list.size() != count) {
      throw JinjaException.value(
          list.size() < count
              ? "not enough values to unpack (expected %s)"
              : "too many values to unpack (expected %s)",
          count);
    }
    return list;
  }

  static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  /** A text; one marked as HTML may be written, too. */
  static String demandText(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Markup) {
      throw Markup.refusal();
    }
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    throw JinjaException.type("expected str, got %s", typeName(value));
  }
}
