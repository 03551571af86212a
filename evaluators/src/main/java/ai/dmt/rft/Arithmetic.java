package ai.dmt.rft;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of an expression as Python's {@code eval} has it: numbers, parentheses, and the
 * operators {@code + - * / // % **} with Python's precedence. Anything else has none.
 */
final class Arithmetic {
  /** Python gives up as well, at a depth of its own. */
  private static final int MAX_DEPTH = 60;

  /** A number of Python's: no leading zeros but for zero itself. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?:[0-9]+\\.[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|[1-9][0-9]*|0+(?![0-9])");

  private final String text;
  private int at;
  private int depth;

  private Arithmetic(String text) {
    this.text = text;
  }

  /** The value; NaN where Python raises an error, and where the value is no finite number. */
  static double value(String expression) {
    Arithmetic reading = new Arithmetic(expression);
    double value = reading.sum();
    reading.skipSpace();
    return reading.at == expression.length() ? value : Double.NaN;
  }

  private double sum() {
    double value = product();
    for (; ; ) {
      if (take("+")) {
        value = finite(value + product());
      } else if (take("-")) {
        value = finite(value - product());
      } else {
        return value;
      }
    }
  }

  private double product() {
    double value = signed();
    for (; ; ) {
      if (take("//")) {
        value = floorDivided(value, signed());
      } else if (take("/")) {
        value = finite(value / signed());
      } else if (take("%")) {
        value = remainder(value, signed());
      } else if (!next("**") && take("*")) {
        value = finite(value * signed());
      } else {
        return value;
      }
    }
  }

  private double signed() {
    if (depth == MAX_DEPTH) {
      return fault();
    }
    depth++;
    double value = take("-") ? -signed() : take("+") ? signed() : power();
    depth--;
    return value;
  }

  /** Binds tighter than a sign before it, and not than one behind: -2**-2 is -(2**(-2)). */
  private double power() {
    double base = atom();
    if (!take("**")) {
      return base;
    }
    double exponent = signed();
    return Double.isNaN(base) ? base : finite(Math.pow(base, exponent)); // pow(NaN, 0) is 1
  }

  private double atom() {
    if (take("(")) {
      double value = sum();
      return take(")") ? value : fault();
    }
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if (!number.lookingAt()) {
      return fault();
    }
    at = number.end();
    return Double.parseDouble(number.group());
  }

  private static double floorDivided(double a, double b) {
    return finite(Math.floor(a / b));
  }

  /** Has the sign of the divisor. */
  private static double remainder(double a, double b) {
    double rest = a % b;
    return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
  }

  /** Division by zero is an error. */
  private static double finite(double value) {
    return Double.isInfinite(value) ? Double.NaN : value;
  }

  /** Ends the reading: what is left of the text fits nothing. */
  private double fault() {
    at = text.length() + 1;
    return Double.NaN;
  }

  private boolean take(String operator) {
    if (!next(operator)) {
      return false;
    }
    at += operator.length();
    return true;
  }

  private boolean next(String operator) {
    skipSpace();
    return text.startsWith(operator, at);
  }

  private void skipSpace() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }
}
