package ai.dmt.internal.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Attributes and items of values, by the rules of jinja2's immutable sandbox. */
final class Attributes {
  private static final Set<String> INTEGER =
      Set.of(
          "as_integer_ratio",
          "bit_count",
          "bit_length",
          "conjugate",
          "denominator",
          "from_bytes",
          "imag",
          "numerator",
          "real",
          "to_bytes");
  private static final Set<String> FLOAT =
      Set.of("as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real");
  private static final Set<String> CHANGES_LIST =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
  private static final Set<String> CHANGES_DICT =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  private Attributes() {}

  /** {@code base.name}: an attribute, else an item. */
  static Object attribute(Run run, Object base, String name) {
    if (base instanceof Undefined undefined) {
      throw undefined.fault();
    }
    Object found = safe(run, base, name);
    if (found != Scope.Missing.MISSING) {
      return found;
    }
    Object item = itemOrMissing(run, base, name);
    return item == Scope.Missing.MISSING ? Undefined.of(base, name) : item;
  }

  /** {@code base[index]}: an item, else an attribute. */
  static Object item(Run run, Object base, Object index) {
    if (base instanceof Undefined undefined) {
      throw undefined.fault();
    }
    Object item = itemOrMissing(run, base, index);
    if (item != Scope.Missing.MISSING) {
      return item;
    }
    Object found = index instanceof String name ? safe(run, base, name) : Scope.Missing.MISSING;
    return found == Scope.Missing.MISSING ? Undefined.of(base, index) : found;
  }

  /** An attribute alone; undefined if there is none. */
  static Object attributeOnly(Run run, Object base, String name) {
    if (base instanceof Undefined undefined) {
      throw undefined.fault();
    }
    Object found = safe(run, base, name);
    return found == Scope.Missing.MISSING ? Undefined.of(base, name) : found;
  }

  private static Object itemOrMissing(Run run, Object base, Object index) {
    run.step(1);
    if (base instanceof Dict dict) {
      if (index instanceof List<?> || index instanceof Dict || index instanceof DictView) {
        return Scope.Missing.MISSING;
      }
      Map.Entry<Object, Object> entry = dict.entry(index);
      return entry == null ? Scope.Missing.MISSING : entry.getValue();
    }
    if (base instanceof Markup && Numbers.isInteger(index)) {
      throw Markup.refusal();
    }
    if (!Numbers.isInteger(index)) {
      return Scope.Missing.MISSING;
    }
    long at = Numbers.longIndex(index);
    if (base instanceof List<?> list) {
      return element(list, at);
    }
    if (base instanceof Tuple tuple) {
      return element(tuple.items(), at);
    }
    if (base instanceof Range range) {
      return element(range.items(), at);
    }
    return base instanceof String text ? character(run, text, at) : Scope.Missing.MISSING;
  }

  private static Object element(List<?> list, long index) {
    long at = index < 0 ? index + list.size() : index;
    return at >= 0 && at < list.size() ? list.get((int) at) : Scope.Missing.MISSING;
  }

  private static Object character(Run run, String text, long index) {
    long length = Values.lengthOrMinus(run, text);
    long at = index < 0 ? index + length : index;
    if (at < 0 || at >= length) {
      return Scope.Missing.MISSING;
    }
    int from = length == text.length() ? (int) at : text.offsetByCodePoints(0, (int) at);
    return text.substring(from, from + Character.charCount(text.codePointAt(from)));
  }

  /** An attribute that the sandbox gives, an undefined one that it does not, or MISSING. */
  private static Object safe(Run run, Object base, String name) {
    if (name.startsWith("__") && name.endsWith("__") && name.length() > 4) {
      return Undefined.unsafe(base, name);
    }
    if (base instanceof Namespace namespace) {
      Map.Entry<Object, Object> entry = namespace.attributes().entry(name);
      if (entry != null) {
        return name.startsWith("_") ? Undefined.unsafe(base, name) : entry.getValue();
      }
      return Scope.Missing.MISSING;
    }
    if (name.startsWith("_")) {
      return Scope.Missing.MISSING;
    }
    if (base instanceof String text) {
      return TextMethods.find(text, name);
    }
    if (base instanceof Dict dict) {
      return CHANGES_DICT.contains(name)
          ? Undefined.unsafe(base, name)
          : CollectionMethods.ofDict(dict, name);
    }
    if (base instanceof List<?> list) {
      return CHANGES_LIST.contains(name)
          ? Undefined.unsafe(base, name)
          : CollectionMethods.ofList(list, name);
    }
    return ofOthers(run, base, name);
  }

  private static Object ofOthers(Run run, Object base, String name) {
    if (base instanceof Tuple tuple) {
      return CollectionMethods.ofTuple(tuple, name);
    }
    if (base instanceof Loop loop) {
      return loop.attribute(name);
    }
    if (base instanceof Macro macro) {
      return macro.attribute(name);
    }
    if (base instanceof Cycler cycler) {
      return cycler.attribute(name);
    }
    if (base instanceof Joiner joiner) {
      return joiner.attribute(name);
    }
    if (base instanceof Range range) {
      return CollectionMethods.ofRange(range, name);
    }
    if (Numbers.isNumber(base)) {
      return ofNumber(base, name);
    }
    if (base == null) {
      return Scope.Missing.MISSING;
    }
    if (base instanceof Markup) {
      throw Markup.refusal();
    }
    throw JinjaException.refused(
        "attribute %s of a value of type %s is not supported",
        Undefined.cut(name), Values.typeName(base));
  }

  private static Object ofNumber(Object base, String name) {
    if (!(base instanceof Double ? FLOAT : INTEGER).contains(name)) {
      return Scope.Missing.MISSING;
    }
    return switch (name) {
      case "real", "numerator" -> base instanceof Double ? base : Arithmetic.plus(base);
      case "imag" -> base instanceof Double ? (Object) 0.0 : (Object) 0L;
      case "denominator" -> 1L;
      case "is_integer" -> {
        double number = (Double) base;
        yield new Method(name, (run, given) -> number == Math.rint(number));
      }
      case "bit_length" ->
          new Method(name, (run, given) -> (long) Numbers.toBig(base).abs().bitLength());
      default -> throw JinjaException.refused("method %s of a number is not supported", name);
    };
  }
}
