package ai.dmt.internal.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's comparisons. */
final class Comparison {
  private Comparison() {}

  static boolean holds(Run run, String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> equal(run, left, right);
      case "!=" -> !equal(run, left, right);
      case "in" -> contains(run, right, left);
      case "not in" -> !contains(run, right, left);
      default -> ordered(run, operator, left, right);
    };
  }

  static boolean equal(Run run, Object left, Object right) {
    run.step(1);
    if (left instanceof Markup markup) {
      return equal(run, markup.text(), right);
    }
    if (right instanceof Markup markup) {
      return equal(run, left, markup.text());
    }
    if (left instanceof String text) {
      run.step(text.length() / 32);
      return text.equals(right);
    }
    if (left == right) {
      return !(left instanceof Double number) || !number.isNaN();
    }
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return compareNumbers(left, right) == 0;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return equalItems(run, a, b);
    }
    if (left instanceof Tuple a && right instanceof Tuple b) {
      return equalItems(run, a.items(), b.items());
    }
    if (left instanceof Dict a && right instanceof Dict b) {
      return equalDicts(run, a, b);
    }
    if (left instanceof Range a && right instanceof Range b) {
      return a.items().equals(b.items());
    }
    if (left instanceof DictView && right instanceof DictView) {
      throw JinjaException.refused("a comparison of a dict's views is not supported");
    }
    return left instanceof Undefined && right instanceof Undefined;
  }

  private static boolean equalItems(Run run, List<?> a, List<?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    run.enter();
    for (int i = 0; i < a.size(); i++) {
      if (a.get(i) != b.get(i) && !equal(run, a.get(i), b.get(i))) {
        run.leave();
        return false;
      }
    }
    run.leave();
    return true;
  }

  private static boolean equalDicts(Run run, Dict a, Dict b) {
    if (a.size() != b.size()) {
      return false;
    }
    run.enter();
    boolean equal = true;
    for (Map.Entry<Object, Object> entry : a.entries()) {
      Map.Entry<Object, Object> other = b.entry(entry.getKey());
      equal =
          equal
              && other != null
              && (entry.getValue() == other.getValue()
                  || equal(run, entry.getValue(), other.getValue()));
    }
    run.leave();
    return equal;
  }

  /** Less than 0, 0, more than 0; 2 if one is not a number. */
  private static int compareNumbers(Object left, Object right) {
    if (left instanceof Double || right instanceof Double) {
      double a = Numbers.toDouble(left);
      double b = Numbers.toDouble(right);
      if (Double.isNaN(a) || Double.isNaN(b)) {
        return 2;
      }
      if (Double.isInfinite(a) || Double.isInfinite(b)) {
        return Double.compare(a, b);
      }
      return Integer.signum(exact(left).compareTo(exact(right)));
    }
    BigInteger a = Numbers.toBig(left);
    return a.compareTo(Numbers.toBig(right));
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Double value
        ? new BigDecimal(value)
        : new BigDecimal(Numbers.toBig(number));
  }

  private static boolean ordered(Run run, String operator, Object left, Object right) {
    if (left instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (right instanceof Undefined undefined) {
      throw undefined.fault();
    }
    int order = compare(run, left, right, operator);
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0 && order != 2;
      default -> order >= 0 && order != 2;
    };
  }

  /** Whether one sorts before the other. */
  static boolean isLess(Run run, Object left, Object right) {
    return ordered(run, "<", left, right);
  }

  private static int compare(Run run, Object left, Object right, String operator) {
    run.step(1);
    if (left instanceof Markup markup) {
      return compare(run, markup.text(), right, operator);
    }
    if (right instanceof Markup markup) {
      return compare(run, left, markup.text(), operator);
    }
    if (left instanceof String a && right instanceof String b) {
      run.step(Math.min(a.length(), b.length()) / 16);
      return compareTexts(a, b);
    }
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      int order = compareNumbers(left, right);
      return order == 2 && operator.startsWith("<") ? 1 : order == 2 ? 2 : Integer.signum(order);
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return compareItems(run, a, b, operator);
    }
    if (left instanceof Tuple a && right instanceof Tuple b) {
      return compareItems(run, a.items(), b.items(), operator);
    }
    throw JinjaException.type(
        "'%s' not supported between instances of '%s' and '%s'",
        operator, Values.typeName(left), Values.typeName(right));
  }

  private static int compareItems(Run run, List<?> a, List<?> b, String operator) {
    run.enter();
    try {
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        if (a.get(i) != b.get(i) && !equal(run, a.get(i), b.get(i))) {
          return compareDefined(run, a.get(i), b.get(i), operator);
        }
      }
      return Integer.compare(a.size(), b.size());
    } finally {
      run.leave();
    }
  }

  private static int compareDefined(Run run, Object left, Object right, String operator) {
    if (left instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (right instanceof Undefined undefined) {
      throw undefined.fault();
    }
    return compare(run, left, right, operator);
  }

  /** By code points, where Java compares the halves of characters. */
  static int compareTexts(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean xHalf = Character.isSurrogate(x);
        boolean yHalf = Character.isSurrogate(y);
        return xHalf == yHalf ? Integer.signum(x - y) : xHalf ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  static boolean contains(Run run, Object container, Object item) {
    if (container instanceof Markup markup) {
      return contains(run, markup.text(), item);
    }
    if (container instanceof String text) {
      if (item instanceof Markup markup) {
        return Search.find(run, text, markup.text(), 0) >= 0;
      }
      if (!(item instanceof String part)) {
        throw JinjaException.type(
            "'in <string>' requires string as left operand, not %s", Values.typeName(item));
      }
      return Search.find(run, text, part, 0) >= 0;
    }
    if (container instanceof Dict dict) {
      return dict.contains(item);
    }
    if (container instanceof DictView view && view.part() == DictView.Part.KEYS) {
      return view.dict().contains(item);
    }
    if (!Values.isIterable(container)) {
      throw JinjaException.type(
          "argument of type '%s' is not iterable", Values.typeName(container));
    }
    Iterator<Object> items = Values.iterate(run, container);
    while (items.hasNext()) {
      Object each = items.next();
      if (each == item || equal(run, each, item)) {
        return true;
      }
    }
    return false;
  }
}
