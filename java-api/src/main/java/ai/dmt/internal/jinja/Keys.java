package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;

/** A way into a value, as filters take it: names and numbers with points between them. */
final class Keys {
  private final List<Object> parts;
  private final Object otherwise;

  private Keys(List<Object> parts, Object otherwise) {
    this.parts = parts;
    this.otherwise = otherwise;
  }

  /** Of None, the value itself. */
  static Keys of(Object attribute) {
    List<Object> parts = new ArrayList<>();
    if (attribute instanceof String text) {
      for (String part : text.split("\\.", -1)) {
        parts.add(
            !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Numbers.parseInteger(part, 10)
                : part);
      }
    } else if (attribute != null) {
      parts.add(attribute);
    }
    return new Keys(parts, null);
  }

  /** Ways with commas between them. */
  static List<Keys> several(Object attribute) {
    if (!(attribute instanceof String text)) {
      return List.of(of(attribute));
    }
    List<Keys> keys = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      keys.add(of(each));
    }
    return keys;
  }

  /** The same with a value where there is none; none is none. */
  Keys otherwise(Object value) {
    return new Keys(parts, value);
  }

  Object get(Run run, Object value) {
    Object result = value;
    for (Object part : parts) {
      result = Attributes.item(run, result, part);
      if (otherwise != null && result instanceof Undefined) {
        result = otherwise;
      }
    }
    return result;
  }
}
