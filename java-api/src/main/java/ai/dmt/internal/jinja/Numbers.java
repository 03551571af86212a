package ai.dmt.internal.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** Python's numbers: integers of any size and doubles; True and False are 1 and 0. */
final class Numbers {
  /** Digits that Python reads or writes of an integer. */
  private static final int MAX_DIGITS = 4300;

  private static final Pattern FLOAT =
      Pattern.compile(
          "[+-]?(?:(?:[0-9]++(?:_[0-9]++)*+)(?:\\.(?:[0-9]++(?:_[0-9]++)*+)?)?|\\.[0-9]++(?:_[0-9]++)*+)(?:[eE][+-]?[0-9]++(?:_[0-9]++)*+)?");

  private Numbers() {}

  static boolean isNumber(Object value) {
    return value instanceof Long
        || value instanceof Double
        || value instanceof Boolean
        || value instanceof BigInteger;
  }

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
  }

  static BigInteger toBig(Object value) {
    if (value instanceof BigInteger big) {
      return big;
    }
    return value instanceof Boolean truth
        ? (truth ? BigInteger.ONE : BigInteger.ZERO)
        : BigInteger.valueOf((Long) value);
  }

  /** The double nearest to a number. */
  static double toDouble(Object value) {
    if (value instanceof Double number) {
      return number;
    }
    double number = toBig(value).doubleValue();
    if (Double.isInfinite(number)) {
      throw JinjaException.overflow("int too large to convert to float");
    }
    return number;
  }

  /** Long wherever it fits. */
  static Object normal(BigInteger value) {
    return value.bitLength() < 64 ? (Object) value.longValue() : value;
  }

  /** What an index or a count must be. */
  static int index(Object value) {
    long index = longIndex(value);
    return (int) Math.max(Integer.MIN_VALUE + 1L, Math.min(Integer.MAX_VALUE, index));
  }

  /** As {@link #index}, of any size; larger ones are cut. */
  static long longIndex(Object value) {
    if (!isInteger(value)) {
      throw JinjaException.type(
          "'%s' object cannot be interpreted as an integer", Values.typeName(value));
    }
    BigInteger big = toBig(value);
    return big.bitLength() < 62 ? big.longValue() : big.signum() * (Long.MAX_VALUE / 4);
  }

  static Object integerLiteral(String literal) {
    String digits = literal.replace("_", "");
    int base =
        digits.length() < 2
            ? 10
            : switch (Character.toLowerCase(digits.charAt(1))) {
              case 'x' -> 16;
              case 'o' -> 8;
              case 'b' -> 2;
              default -> 10;
            };
    return normal(new BigInteger(base == 10 ? digits : digits.substring(2), base));
  }

  /** {@code float} of a text. */
  static double parseFloat(String text) {
    String number = TextTrim.strip(text, null);
    String lower = Unicode.lower(number);
    String unsigned = lower.startsWith("-") || lower.startsWith("+") ? lower.substring(1) : lower;
    double sign = lower.startsWith("-") ? -1 : 1;
    if (unsigned.equals("inf") || unsigned.equals("infinity")) {
      return sign * Double.POSITIVE_INFINITY;
    }
    if (unsigned.equals("nan")) {
      return Double.NaN;
    }
    String ascii = decimals(number);
    if (!FLOAT.matcher(ascii).matches()) {
      throw JinjaException.value("could not convert string to float");
    }
    return Double.parseDouble(ascii.replace("_", ""));
  }

  private static String decimals(String text) {
    if (text.chars().allMatch(c -> c < 0x80)) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(c -> out.appendCodePoint(Unicode.isDecimal(c) ? '0' + Character.digit(c, 10) : c));
    return out.toString();
  }

  /** {@code int} of a text in a base. */
  static Object parseInteger(String text, int base) {
    if (base != 0 && (base < 2 || base > 36)) {
      throw JinjaException.value("int() base must be >= 2 and <= 36, or 0");
    }
    String number = decimals(TextTrim.strip(text, null));
    boolean negative = number.startsWith("-");
    String digits = negative || number.startsWith("+") ? number.substring(1) : number;
    int given = base;
    String prefix = digits.length() < 2 ? "" : Unicode.lower(digits.substring(0, 2));
    int named =
        switch (prefix) {
          case "0x" -> 16;
          case "0o" -> 8;
          case "0b" -> 2;
          default -> 0;
        };
    if (named != 0 && (base == 0 || base == named)) {
      given = named;
      digits = digits.substring(2);
      digits = digits.startsWith("_") ? digits.substring(1) : digits;
    } else if (base == 0) {
      given = 10;
      if (digits.startsWith("0") && digits.chars().anyMatch(c -> c != '0' && c != '_')) {
        throw JinjaException.value("invalid literal for int()");
      }
    }
    boolean valid =
        !digits.isEmpty()
            && !digits.startsWith("_")
            && !digits.endsWith("_")
            && !digits.contains("__");
    String plain = digits.replace("_", "");
    for (int i = 0; i < plain.length(); i++) {
      valid &= plain.charAt(i) < 0x80 && Character.digit(plain.charAt(i), given) >= 0;
    }
    if (!valid || plain.length() > MAX_DIGITS) {
      throw JinjaException.value("invalid literal for int()");
    }
    BigInteger value = new BigInteger(plain, given);
    return normal(negative ? value.negate() : value);
  }

  /** {@code int} of a double. */
  static Object truncate(double value) {
    if (Double.isNaN(value)) {
      throw JinjaException.value("cannot convert float NaN to integer");
    }
    if (Double.isInfinite(value)) {
      throw JinjaException.overflow("cannot convert float infinity to integer");
    }
    return normal(new BigDecimal(value).toBigInteger());
  }

  static String str(Object integer) {
    if (integer instanceof Long) {
      return integer.toString();
    }
    BigInteger big = toBig(integer);
    if (big.bitLength() > MAX_DIGITS * 3.33) {
      throw JinjaException.value("exceeds the limit (4300 digits) for integer string conversion");
    }
    return big.toString();
  }

  /** The shortest digits that give the number again, as Python writes it. */
  static String repr(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value > 0 ? "0.0" : "-0.0";
    }
    BigDecimal digits = shortest(value);
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    return exponential(digits, exponent, 'e');
  }

  private static String exponential(BigDecimal digits, int exponent, char e) {
    String text = digits.unscaledValue().abs().toString();
    String head = text.length() == 1 ? text : text.charAt(0) + "." + text.substring(1);
    return (digits.signum() < 0 ? "-" : "") + head + exponent(exponent, e);
  }

  /** An exponent of at least two digits. */
  static String exponent(int exponent, char e) {
    String digits = String.valueOf(Math.abs(exponent));
    return e + (exponent < 0 ? "-" : "+") + (digits.length() < 2 ? "0" : "") + digits;
  }

  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int precision = 1; precision < 17; precision++) {
      BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded.stripTrailingZeros();
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
  }
}
