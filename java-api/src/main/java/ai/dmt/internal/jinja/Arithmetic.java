package ai.dmt.internal.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic. */
final class Arithmetic {
  /** Of an integer: what has more takes longer than any chat needs. */
  private static final int MAX_BITS = 1 << 17;

  private Arithmetic() {}

  static Object apply(Run run, String operator, Object left, Object right) {
    if (operator.equals("%") && left instanceof String format) {
      return PercentFormat.format(run, format, right);
    }
    if (left instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (right instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return numbers(run, operator, left, right);
    }
    if (left instanceof Markup || right instanceof Markup) {
      return markup(operator, left, right);
    }
    Object result =
        switch (operator) {
          case "+" -> add(run, left, right);
          case "*" -> repeat(run, left, right);
          default -> null;
        };
    if (result == null) {
      throw JinjaException.type(
          "unsupported operand type(s) for %s: '%s' and '%s'",
          operator, Values.typeName(left), Values.typeName(right));
    }
    return result;
  }

  private static Object markup(String operator, Object left, Object right) {
    if (operator.equals("+") && Values.isText(left) && Values.isText(right)) {
      return new Markup(escaped(left) + escaped(right));
    }
    throw Markup.refusal();
  }

  private static String escaped(Object text) {
    return text instanceof Markup markup ? markup.text() : Markup.escape((String) text);
  }

  private static Object add(Run run, Object left, Object right) {
    if (left instanceof String a && right instanceof String b) {
      run.room((long) a.length() + b.length());
      return a + b;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return joined(run, a, b);
    }
    return left instanceof Tuple a && right instanceof Tuple b
        ? new Tuple(joined(run, a.items(), b.items()))
        : null;
  }

  private static List<Object> joined(Run run, List<?> a, List<?> b) {
    run.elements((long) a.size() + b.size());
    List<Object> all = new ArrayList<>(a.size() + b.size());
    all.addAll(a);
    all.addAll(b);
    return all;
  }

  private static Object repeat(Run run, Object left, Object right) {
    if (Numbers.isInteger(left) && !Numbers.isInteger(right)) {
      return repeat(run, right, left);
    }
    if (!Numbers.isInteger(right)) {
      return null;
    }
    long count = Math.max(0, Numbers.longIndex(right));
    if (left instanceof String text) {
      run.room(times(text.length(), count));
      return text.repeat(text.isEmpty() ? 0 : (int) count);
    }
    if (left instanceof List<?> list) {
      return repeated(run, list, count);
    }
    return left instanceof Tuple tuple ? new Tuple(repeated(run, tuple.items(), count)) : null;
  }

  private static long times(long size, long count) {
    return size > 0 && count > Integer.MAX_VALUE / size ? Integer.MAX_VALUE : size * count;
  }

  private static List<Object> repeated(Run run, List<?> items, long count) {
    run.elements(times(items.size(), count));
    List<Object> all = new ArrayList<>();
    for (long i = 0; i < count && !items.isEmpty(); i++) {
      all.addAll(items);
    }
    return all;
  }

  private static Object numbers(Run run, String operator, Object left, Object right) {
    if (left instanceof Double || right instanceof Double) {
      return doubles(operator, Numbers.toDouble(left), Numbers.toDouble(right));
    }
    if (operator.equals("/")) {
      return quotient(Numbers.toBig(left), Numbers.toBig(right));
    }
    if (operator.equals("**")) {
      return power(run, Numbers.toBig(left), Numbers.toBig(right));
    }
    BigInteger a = Numbers.toBig(left);
    BigInteger b = Numbers.toBig(right);
    run.step(((long) a.bitLength() + b.bitLength()) / 32 + 1);
    if ((operator.equals("//") || operator.equals("%")) && b.signum() == 0) {
      throw JinjaException.value("integer division or modulo by zero");
    }
    return Numbers.normal(
        bounded(
            run,
            switch (operator) {
              case "+" -> a.add(b);
              case "-" -> a.subtract(b);
              case "*" -> a.multiply(b);
              case "//" -> floor(a, b)[0];
              default -> floor(a, b)[1];
            }));
  }

  private static BigInteger bounded(Run run, BigInteger value) {
    if (value.bitLength() > MAX_BITS) {
      throw new JinjaLimitException("an integer has more than %s bits".formatted(MAX_BITS));
    }
    if (value.bitLength() > 1000) {
      run.room(value.bitLength() / 8);
      run.step((long) value.bitLength() * value.bitLength() / 4096);
    }
    return value;
  }

  private static BigInteger[] floor(BigInteger a, BigInteger b) {
    BigInteger[] parts = a.divideAndRemainder(b);
    if (parts[1].signum() != 0 && parts[1].signum() != b.signum()) {
      parts[0] = parts[0].subtract(BigInteger.ONE);
      parts[1] = parts[1].add(b);
    }
    return parts;
  }

  private static double quotient(BigInteger a, BigInteger b) {
    if (b.signum() == 0) {
      throw JinjaException.value("division by zero");
    }
    if (a.bitLength() <= 53 && b.bitLength() <= 53) {
      return a.doubleValue() / b.doubleValue();
    }
    double value = new BigDecimal(a).divide(new BigDecimal(b), new MathContext(60)).doubleValue();
    if (Double.isInfinite(value)) {
      throw JinjaException.overflow("integer division result too large for a float");
    }
    return value;
  }

  private static Object power(Run run, BigInteger base, BigInteger exponent) {
    if (exponent.signum() < 0) {
      return doubles("**", Numbers.toDouble(toNumber(base)), Numbers.toDouble(toNumber(exponent)));
    }
    if (base.bitLength() <= 1 && (base.signum() == 0 || base.abs().equals(BigInteger.ONE))) {
      boolean odd = exponent.testBit(0);
      return exponent.signum() == 0 || base.signum() > 0 || base.signum() < 0 && !odd
          ? (Object) 1L
          : Numbers.normal(base);
    }
    if (exponent.bitLength() > 31
        || (double) (base.bitLength() - 1) * exponent.intValue() > MAX_BITS) {
      throw new JinjaLimitException("an integer has more than %s bits".formatted(MAX_BITS));
    }
    return Numbers.normal(bounded(run, base.pow(exponent.intValue())));
  }

  private static Object toNumber(BigInteger value) {
    return Numbers.normal(value);
  }

  private static Object doubles(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw JinjaException.value("float division by zero");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> floor(a, b);
      case "%" -> modulo(a, b);
      default -> power(a, b);
    };
  }

  private static double modulo(double a, double b) {
    double rest = a % b;
    if (rest == 0) {
      return Math.copySign(0, b);
    }
    return rest < 0 != b < 0 ? rest + b : rest;
  }

  private static double floor(double a, double b) {
    double rest = a % b;
    double quotient = (a - rest) / b;
    if (rest != 0 && rest < 0 != b < 0) {
      quotient -= 1;
    }
    if (quotient == 0) {
      return Math.copySign(0, a / b);
    }
    double floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  private static double power(double a, double b) {
    if (a == 1 || b == 0) {
      return 1;
    }
    if (a == 0 && b < 0) {
      throw JinjaException.value("0.0 cannot be raised to a negative power");
    }
    if (a < 0 && b != Math.rint(b) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw JinjaException.refused("a complex number is not supported");
    }
    double value = Math.pow(a, b);
    if (Double.isInfinite(value) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw JinjaException.overflow("numerical result out of range");
    }
    return value;
  }

  static Object negate(Run run, Object value) {
    return value instanceof Double number
        ? (Object) (-number)
        : apply(run, "-", 0L, demandNumber(value, "-"));
  }

  static Object plus(Object value) {
    Object number = demandNumber(value, "+");
    return number instanceof Boolean truth ? (Object) (truth ? 1L : 0L) : number;
  }

  private static Object demandNumber(Object value, String operator) {
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (!Numbers.isNumber(value)) {
      throw JinjaException.type(
          "bad operand type for unary %s: '%s'", operator, Values.typeName(value));
    }
    return value;
  }
}
