package ai.dmt.internal.jinja;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tests, by their names. */
final class Tests {
  private static final Map<String, Filter> TESTS = new HashMap<>();

  static {
    one("defined", (r, v, a) -> !(v instanceof Undefined));
    one("undefined", (r, v, a) -> v instanceof Undefined);
    one("none", (r, v, a) -> v == null);
    one("boolean", (r, v, a) -> v instanceof Boolean);
    one("true", (r, v, a) -> Boolean.TRUE.equals(v));
    one("false", (r, v, a) -> Boolean.FALSE.equals(v));
    one("integer", (r, v, a) -> v instanceof Long || v instanceof BigInteger);
    one("float", (r, v, a) -> v instanceof Double);
    one("number", (r, v, a) -> Numbers.isNumber(v));
    one("string", (r, v, a) -> Values.isText(v));
    one("mapping", (r, v, a) -> v instanceof Dict);
    one("iterable", (r, v, a) -> Values.isIterable(v));
    one("sequence", (r, v, a) -> isSequence(v));
    one("callable", (r, v, a) -> v instanceof Callable || v instanceof Undefined);
    one("escaped", (r, v, a) -> v instanceof Markup);
    one("lower", (r, v, a) -> TextMethods.isCase(Representation.str(r, v), false));
    one("upper", (r, v, a) -> TextMethods.isCase(Representation.str(r, v), true));
    one("odd", (r, v, a) -> modulo(r, v, 2L, 1L));
    one("even", (r, v, a) -> modulo(r, v, 2L, 0L));
    one("filter", (r, v, a) -> named(v) && Filters.find((String) v) != null);
    one("test", (r, v, a) -> named(v) && TESTS.containsKey(v));
    two("divisibleby", "num", (r, v, a) -> modulo(r, v, a.get(0), 0L));
    two("sameas", "other", (r, v, a) -> isSame(v, a.get(0)));
    two("in", "seq", (r, v, a) -> Comparison.contains(r, a.get(0), v));
    comparison("==", "==", "eq", "equalto");
    comparison("!=", "!=", "ne");
    comparison(">", ">", "gt", "greaterthan");
    comparison(">=", ">=", "ge");
    comparison("<", "<", "lt", "lessthan");
    comparison("<=", "<=", "le");
  }

  private Tests() {}

  private static void one(String name, Filters.Body body) {
    Filters.add(TESTS, name, 0, body);
  }

  private static void two(String name, String parameter, Filters.Body body) {
    Filters.add(TESTS, name, 1, body, parameter);
  }

  private static void comparison(String operator, String... names) {
    for (String name : names) {
      two(name, "/other", (r, v, a) -> Comparison.holds(r, operator, v, a.get(0)));
    }
  }

  /** A test, or null. */
  static Filter find(String name) {
    return TESTS.get(name);
  }

  static Filter demand(Object name) {
    Filter test = name instanceof String text ? TESTS.get(text) : null;
    if (test == null) {
      throw JinjaException.value("no test of that name: %s", Filters.named(name));
    }
    return test;
  }

  private static boolean named(Object value) {
    if (value instanceof Markup) {
      throw Markup.refusal();
    }
    Dict.hash(value);
    return value instanceof String;
  }

  private static boolean modulo(Run run, Object value, Object by, Object rest) {
    return Comparison.equal(run, Arithmetic.apply(run, "%", value, by), rest);
  }

  private static boolean isSequence(Object value) {
    return value instanceof List<?>
        || value instanceof Tuple
        || value instanceof Dict
        || value instanceof Range
        || value instanceof Undefined
        || Values.isText(value);
  }

  /** Whether values are one object; of texts and numbers Python decides by what it keeps. */
  private static boolean isSame(Object a, Object b) {
    if (a == null || b == null || a instanceof Boolean || b instanceof Boolean) {
      return a == b || a instanceof Boolean && a.equals(b);
    }
    boolean comparable = a.getClass() == b.getClass();
    if (comparable
        && (a instanceof String
            || Numbers.isNumber(a)
            || a instanceof Tuple
            || a instanceof Range)) {
      throw JinjaException.refused("test 'sameas' of texts, numbers and tuples is not supported");
    }
    return a == b;
  }
}
