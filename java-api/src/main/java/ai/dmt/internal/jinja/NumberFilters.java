package ai.dmt.internal.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;

/** Filters of numbers. */
final class NumberFilters {
  private NumberFilters() {}

  static void addTo(Map<String, Filter> f) {
    Filters.add(f, "abs", 0, (r, v, a) -> absolute(r, v));
    Filters.add(f, "int", 0, NumberFilters::toInteger, "default", "base");
    Filters.add(f, "float", 0, NumberFilters::toFloat, "default");
    Filters.add(f, "round", 0, NumberFilters::round, "precision", "method");
    Filters.add(f, "filesizeformat", 0, NumberFilters::fileSize, "binary");
  }

  private static Object absolute(Run run, Object value) {
    if (!Numbers.isNumber(value)) {
      throw value instanceof Undefined
          ? JinjaException.type("bad operand type for abs(): 'Undefined'")
          : JinjaException.type("bad operand type for abs(): '%s'", Values.typeName(value));
    }
    return value instanceof Double number
        ? (Object) Math.abs(number)
        : Numbers.normal(Numbers.toBig(value).abs());
  }

  private static Object toInteger(Run run, Object value, Signature.Bound given) {
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    try {
      if (Values.isText(value)) {
        return Numbers.parseInteger(plain(value), given.has(1) ? Numbers.index(given.get(1)) : 10);
      }
      return integer(value);
    } catch (JinjaException e) {
      if (!e.isTypeOrValue()) {
        throw e;
      }
    }
    try {
      return Numbers.truncate(real(value));
    } catch (JinjaException e) {
      if (!e.isTypeOrValue() && e.kind() != JinjaException.Kind.OVERFLOW) {
        throw e;
      }
      return given.get(0, 0L);
    }
  }

  private static String plain(Object value) {
    return value instanceof Markup markup ? markup.text() : (String) value;
  }

  private static Object integer(Object value) {
    if (value instanceof Double number) {
      return Numbers.truncate(number);
    }
    if (!Numbers.isInteger(value)) {
      throw JinjaException.type("int() argument must be a string or a real number");
    }
    return Arithmetic.plus(value);
  }

  private static double real(Object value) {
    if (Values.isText(value)) {
      return Numbers.parseFloat(plain(value));
    }
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (!Numbers.isNumber(value)) {
      throw JinjaException.type("float() argument must be a string or a real number");
    }
    return Numbers.toDouble(value);
  }

  private static Object toFloat(Run run, Object value, Signature.Bound given) {
    try {
      return real(value);
    } catch (JinjaException e) {
      if (!e.isTypeOrValue()) {
        throw e;
      }
      return given.get(0, 0.0);
    }
  }

  private static Object round(Run run, Object value, Signature.Bound given) {
    Object method = given.get(1, "common");
    if (!"common".equals(method) && !"ceil".equals(method) && !"floor".equals(method)) {
      throw JinjaException.value("method must be common, ceil or floor");
    }
    int precision = given.number(0, 0);
    if (value instanceof Undefined undefined && !"common".equals(method)) {
      throw undefined.fault();
    }
    if (!Numbers.isNumber(value)) {
      throw JinjaException.type("type %s doesn't define __round__ method", Values.typeName(value));
    }
    if ("common".equals(method)) {
      return common(value, precision);
    }
    Object ten = Arithmetic.apply(run, "**", 10L, (long) precision);
    Object product = Arithmetic.apply(run, "*", value, ten);
    Object whole =
        product instanceof Double number
            ? Numbers.truncate("ceil".equals(method) ? Math.ceil(number) : Math.floor(number))
            : Arithmetic.plus(product);
    return Arithmetic.apply(run, "/", whole, ten);
  }

  private static Object common(Object value, int precision) {
    if (value instanceof Double number) {
      if (Double.isNaN(number) || Double.isInfinite(number) || precision > 400) {
        return number;
      }
      if (precision < -400) {
        return Math.copySign(0.0, number);
      }
      double rounded =
          new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
      if (Double.isInfinite(rounded)) {
        throw JinjaException.overflow("rounded value too large to represent");
      }
      return rounded == 0 ? Math.copySign(0.0, number) : rounded;
    }
    BigInteger whole = Numbers.toBig(value);
    return precision >= 0
        ? Arithmetic.plus(value)
        : precision < -10_000
            ? (Object) 0L
            : Numbers.normal(
                new BigDecimal(whole).setScale(precision, RoundingMode.HALF_EVEN).toBigInteger());
  }

  private static Object fileSize(Run run, Object value, Signature.Bound given) {
    double bytes = real(value);
    boolean binary = given.truth(run, 0);
    int base = binary ? 1024 : 1000;
    if (bytes == 1) {
      return "1 Byte";
    }
    if (bytes < base) {
      return Numbers.str(Numbers.truncate(bytes)) + " Bytes";
    }
    String prefixes = binary ? "KMGTPEZY" : "kMGTPEZY";
    for (int i = 0; ; i++) {
      double unit = Math.pow(base, i + 2);
      if (bytes < unit || i == prefixes.length() - 1) {
        return FormatSpec.absolute(base * bytes / unit, 'f', 1, false)
            + " "
            + prefixes.charAt(i)
            + (binary ? "iB" : "B");
      }
    }
  }
}
