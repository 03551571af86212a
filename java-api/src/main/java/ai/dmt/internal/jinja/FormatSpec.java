package ai.dmt.internal.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** How numbers are written with a precision, as C and Python do. */
final class FormatSpec {
  /** Of digits: what has more is no number that a chat needs. */
  private static final int MAX_PRECISION = 10_000;

  private FormatSpec() {}

  static int demandPrecision(int precision) {
    if (precision > MAX_PRECISION) {
      throw new JinjaLimitException("a precision of more than %s digits".formatted(MAX_PRECISION));
    }
    return precision;
  }

  /**
   * The absolute value of a number.
   *
   * @param type one of f, e, g and their capitals
   * @param alternate whether the point and trailing zeros stay
   */
  static String absolute(double value, char type, int precision, boolean alternate) {
    char kind = Character.toLowerCase(type);
    boolean upper = kind != type;
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      String word = Double.isNaN(value) ? "nan" : "inf";
      return upper ? Unicode.upper(word) : word;
    }
    BigDecimal exact = new BigDecimal(Math.abs(value));
    String text =
        switch (kind) {
          case 'f' -> fixed(exact, precision, alternate);
          case 'e' -> exponential(exact, precision, alternate);
          default -> general(exact, precision == 0 ? 1 : precision, alternate);
        };
    return upper ? Unicode.upper(text) : text;
  }

  private static String fixed(BigDecimal exact, int precision, boolean alternate) {
    String text = exact.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    return alternate && precision == 0 ? text + "." : text;
  }

  private static String exponential(BigDecimal exact, int precision, boolean alternate) {
    BigDecimal rounded = exact.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    StringBuilder digits = new StringBuilder(rounded.unscaledValue().toString());
    while (digits.length() < precision + 1) {
      digits.append('0');
    }
    digits.setLength(precision + 1);
    if (precision > 0 || alternate) {
      digits.insert(1, '.');
    }
    return digits + Numbers.exponent(exponent, 'e');
  }

  private static String general(BigDecimal exact, int precision, boolean alternate) {
    BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= precision) {
      String text = exponential(exact, precision - 1, alternate);
      int e = text.indexOf('e');
      return alternate ? text : withoutZeros(text.substring(0, e)) + text.substring(e);
    }
    String text = fixed(exact, precision - 1 - exponent, alternate);
    return alternate ? text : withoutZeros(text);
  }

  static String withoutZeros(String text) {
    if (text.indexOf('.') < 0) {
      return text;
    }
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }
}
