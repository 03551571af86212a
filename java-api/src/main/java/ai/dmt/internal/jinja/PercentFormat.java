package ai.dmt.internal.jinja;

import java.math.BigInteger;
import java.util.List;

/** {@code format % values}. */
final class PercentFormat {
  private final Run run;
  private final String format;
  private final Object values;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int used;

  private boolean left;
  private boolean plus;
  private boolean space;
  private boolean alternate;
  private boolean zero;
  private int width;
  private int precision;

  private PercentFormat(Run run, String format, Object values) {
    this.run = run;
    this.format = format;
    this.values = values;
  }

  static String format(Run run, String format, Object values) {
    PercentFormat formatter = new PercentFormat(run, format, values);
    formatter.run();
    return run.text(formatter.out);
  }

  private void run() {
    boolean byName = false;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      byName |= directive();
      run.step(4);
    }
    boolean allUsed =
        values instanceof Tuple tuple
            ? used == tuple.items().size()
            : used > 0
                || byName
                || values instanceof Dict
                || values instanceof List<?>
                || values instanceof Range
                || values instanceof Undefined; // what has elements
    if (!allUsed) {
      throw JinjaException.type("not all arguments converted during string formatting");
    }
  }

  private char next() {
    if (at >= format.length()) {
      throw JinjaException.value("incomplete format");
    }
    return format.charAt(at++);
  }

  private boolean directive() {
    char c = next();
    boolean named = c == '(';
    Object value = null;
    if (named) {
      value = named();
      c = next();
    }
    left = plus = space = alternate = zero = false;
    while ("-+ #0".indexOf(c) >= 0) {
      left |= c == '-';
      plus |= c == '+';
      space |= c == ' ';
      alternate |= c == '#';
      zero |= c == '0';
      c = next();
    }
    width = number(c, 0);
    if (width < 0) {
      left = true;
      width = -width;
    }
    c = format.charAt(at - 1);
    precision = -1;
    if (c == '.') {
      precision = Math.max(0, number(next(), 0));
      c = format.charAt(at - 1);
    }
    while (c == 'h' || c == 'l' || c == 'L') {
      c = next();
    }
    if (c == '%') {
      out.append('%');
      return named;
    }
    if (!named) {
      value = nextValue();
    }
    convert(c, value);
    return named;
  }

  private Object named() {
    int from = at;
    int open = 1;
    while (open > 0) {
      char c = next();
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    if (!(values instanceof Dict dict)) {
      throw JinjaException.type("format requires a mapping");
    }
    var entry = dict.entry(format.substring(from, at - 1));
    if (entry == null) {
      throw JinjaException.lookup("the format names a key that is not there");
    }
    return entry.getValue();
  }

  /** A number that begins with a character, which may be an asterisk; the next one is read. */
  private int number(char first, int otherwise) {
    if (first == '*') {
      Object value = nextValue();
      if (!Numbers.isInteger(value)) {
        throw JinjaException.type("* wants int");
      }
      next();
      return Numbers.index(value);
    }
    long number = 0;
    char c = first;
    boolean has = false;
    while (c >= '0' && c <= '9') {
      number = Math.min(Integer.MAX_VALUE, number * 10 + c - '0');
      has = true;
      c = next();
    }
    return has ? (int) number : otherwise;
  }

  private Object nextValue() {
    if (values instanceof Tuple tuple) {
      if (used >= tuple.items().size()) {
        throw JinjaException.type("not enough arguments for format string");
      }
      return tuple.items().get(used++);
    }
    if (used++ > 0) {
      throw JinjaException.type("not enough arguments for format string");
    }
    return values;
  }

  private void convert(char type, Object value) {
    switch (type) {
      case 's', 'r', 'a' -> {
        if (type == 'a') {
          throw JinjaException.refused("format %a is not supported");
        }
        String text =
            type == 's' ? Representation.str(run, value) : Representation.repr(run, value);
        if (precision >= 0) {
          text = Slices.text(run, text, null, (long) precision, null);
        }
        pad("", text, false);
      }
      case 'c' -> character(value);
      case 'd', 'i', 'u' -> {
        Object number =
            value instanceof Double d ? Numbers.truncate(d) : demandInteger(value, type);
        integer(Numbers.toBig(number), 10, "", false);
      }
      case 'x', 'X' ->
          integer(
              Numbers.toBig(demandInteger(value, type)),
              16,
              alternate ? "0" + type : "",
              type == 'X');
      case 'o' ->
          integer(Numbers.toBig(demandInteger(value, type)), 8, alternate ? "0o" : "", false);
      case 'e', 'E', 'f', 'F', 'g', 'G' -> real(type, value);
      default -> throw JinjaException.value("unsupported format character '%s'", type);
    }
  }

  private static Object demandInteger(Object value, char type) {
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (!Numbers.isInteger(value)) {
      throw JinjaException.type(
          "%%%s format: an integer is required, not %s", type, Values.typeName(value));
    }
    return value;
  }

  private void character(Object value) {
    if (value instanceof String text && text.codePointCount(0, text.length()) == 1) {
      pad("", text, false);
    } else if (Numbers.isInteger(value)) {
      long code = Numbers.longIndex(value);
      if (code < 0 || code > Character.MAX_CODE_POINT) {
        throw JinjaException.overflow("%c arg not in range(0x110000)");
      }
      pad("", Character.toString((int) code), false);
    } else {
      throw JinjaException.type("%%c requires int or char");
    }
  }

  private void integer(BigInteger value, int base, String prefix, boolean upper) {
    String digits =
        base == 10 ? Numbers.str(Numbers.normal(value.abs())) : value.abs().toString(base);
    if (precision > digits.length()) {
      run.room(precision);
      digits = "0".repeat(FormatSpec.demandPrecision(precision) - digits.length()) + digits;
    }
    pad(sign(value.signum() < 0) + prefix, upper ? Unicode.upper(digits) : digits, zero);
  }

  private String sign(boolean negative) {
    return negative ? "-" : plus ? "+" : space ? " " : "";
  }

  private void real(char type, Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (!Numbers.isNumber(value)) {
      throw JinjaException.type("must be real number, not %s", Values.typeName(value));
    }
    double number = Numbers.toDouble(value);
    int digits = precision < 0 ? 6 : FormatSpec.demandPrecision(precision);
    boolean negative = number < 0 || number == 0 && 1 / number < 0;
    pad(sign(negative), FormatSpec.absolute(number, type, digits, alternate), zero);
  }

  private void pad(String sign, String text, boolean zeros) {
    long missing = (long) width - sign.length() - text.codePointCount(0, text.length());
    run.room(Math.max(0, missing) + text.length());
    String fill = missing <= 0 ? "" : (zeros && !left ? "0" : " ").repeat((int) missing);
    if (left) {
      out.append(sign).append(text).append(fill);
    } else if (zeros) {
      out.append(sign).append(fill).append(text);
    } else {
      out.append(fill).append(sign).append(text);
    }
  }
}
