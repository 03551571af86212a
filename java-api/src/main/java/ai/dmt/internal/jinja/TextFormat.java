package ai.dmt.internal.jinja;

import java.math.BigInteger;

/** {@code str.format}, with the attributes and items that the sandbox gives. */
final class TextFormat {
  private final Run run;
  private final Arguments given;
  private int automatic;
  private boolean numbered;

  private TextFormat(Run run, Arguments given) {
    this.run = run;
    this.given = given;
  }

  static String format(Run run, String format, Arguments given) {
    return new TextFormat(run, given).write(format, 2);
  }

  private String write(String format, int depth) {
    if (depth < 0) {
      throw JinjaException.value("max string recursion exceeded");
    }
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      boolean doubled = i < format.length() && format.charAt(i) == c;
      if (c != '{' && c != '}') {
        out.append(c);
      } else if (doubled) {
        out.append(c);
        i++;
      } else if (c == '}') {
        throw JinjaException.value("single '}' encountered in format string");
      } else {
        int end = endOfField(format, i);
        out.append(field(format.substring(i, end), depth));
        i = end + 1;
      }
      run.step(1);
    }
    return run.text(out);
  }

  private static int endOfField(String format, int from) {
    int open = 1;
    boolean inIndex = false;
    for (int i = from; i < format.length(); i++) {
      char c = format.charAt(i);
      inIndex = c == '[' && open == 1 || inIndex && c != ']';
      if (inIndex) {
        continue;
      }
      open += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (open == 0) {
        return i;
      }
    }
    throw JinjaException.value("expected '}' before end of string");
  }

  private String field(String field, int depth) {
    int nameEnd = 0;
    boolean inIndex = false;
    while (nameEnd < field.length()) {
      char c = field.charAt(nameEnd);
      inIndex = c == '[' || inIndex && c != ']';
      if (!inIndex && (c == ':' || c == '!')) {
        break;
      }
      if (c == '{' && !inIndex) {
        throw JinjaException.value("unexpected '{' in field name");
      }
      nameEnd++;
    }
    Object value = value(field.substring(0, nameEnd));
    String rest = field.substring(nameEnd);
    if (rest.startsWith("!")) {
      if (rest.length() < 2 || rest.length() > 2 && rest.charAt(2) != ':') {
        throw JinjaException.value("expected ':' after conversion specifier");
      }
      value =
          switch (rest.charAt(1)) {
            case 's' -> Representation.str(run, value);
            case 'r' -> Representation.repr(run, value);
            default -> throw JinjaException.value("unknown conversion specifier");
          };
      rest = rest.substring(2);
    }
    String spec = rest.isEmpty() ? "" : write(rest.substring(1), depth - 1);
    return new Spec(run, spec).apply(value);
  }

  private Object value(String name) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    Object value = argument(name.substring(0, end));
    int i = end;
    while (i < name.length()) {
      if (name.charAt(i) == '.') {
        int from = ++i;
        while (i < name.length() && name.charAt(i) != '.' && name.charAt(i) != '[') {
          i++;
        }
        demandNotEmpty(from, i);
        value = Attributes.attribute(run, value, name.substring(from, i));
      } else if (name.charAt(i) == '[') {
        int close = name.indexOf(']', i);
        if (close < 0) {
          throw JinjaException.value("missing ']' in format string");
        }
        demandNotEmpty(i + 1, close);
        String key = name.substring(i + 1, close);
        Object index = key.matches("[0-9]{1,18}") ? (Object) Long.valueOf(key) : key;
        value = Attributes.item(run, value, index);
        i = close + 1;
      } else {
        throw JinjaException.value("only '.' or '[' may follow ']' in format field specifier");
      }
    }
    return value;
  }

  private static void demandNotEmpty(int from, int to) {
    if (from >= to) {
      throw JinjaException.value("empty attribute in format string");
    }
  }

  private Object argument(String name) {
    boolean isNumber = name.isEmpty() || name.matches("[0-9]{1,9}");
    if (!isNumber) {
      if (!given.named().containsKey(name)) {
        throw JinjaException.lookup("the format names an argument that is not given");
      }
      return given.named().get(name);
    }
    if (name.isEmpty() && numbered || !name.isEmpty() && automatic > 0) {
      throw JinjaException.value("cannot switch between manual and automatic field numbering");
    }
    numbered |= !name.isEmpty();
    int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
    if (index >= given.positional().size()) {
      throw JinjaException.lookup("replacement index out of range for positional args");
    }
    return given.positional().get(index);
  }

  /** What stands behind the colon of a field. */
  private static final class Spec {
    private final Run run;
    private final String spec;
    private String fill = " ";
    private char align;
    private char sign = '-';
    private boolean alternate;
    private boolean zero;
    private int width;
    private char grouping;
    private int precision = -1;
    private char type;

    Spec(Run run, String spec) {
      this.run = run;
      this.spec = spec;
      parse();
    }

    private void parse() {
      int i = 0;
      int first = spec.isEmpty() ? 0 : Character.charCount(spec.codePointAt(0));
      if (spec.length() > first && "<>=^".indexOf(spec.charAt(first)) >= 0) {
        fill = spec.substring(0, first);
        align = spec.charAt(first);
        i = first + 1;
      } else if (!spec.isEmpty() && "<>=^".indexOf(spec.charAt(0)) >= 0) {
        align = spec.charAt(0);
        i = 1;
      }
      if (i < spec.length() && "+- ".indexOf(spec.charAt(i)) >= 0) {
        sign = spec.charAt(i++);
      }
      if (i < spec.length() && spec.charAt(i) == '#') {
        alternate = true;
        i++;
      }
      if (i < spec.length() && spec.charAt(i) == '0') {
        zero = true;
        i++;
      }
      int from = i;
      i = digits(i);
      width = i > from ? number(spec.substring(from, i)) : 0;
      if (i < spec.length() && (spec.charAt(i) == ',' || spec.charAt(i) == '_')) {
        grouping = spec.charAt(i++);
      }
      if (i < spec.length() && spec.charAt(i) == '.') {
        from = ++i;
        i = digits(i);
        if (i == from) {
          throw JinjaException.value("format specifier missing precision");
        }
        precision = number(spec.substring(from, i));
      }
      if (i < spec.length()) {
        type = spec.charAt(i++);
      }
      if (i < spec.length()) {
        throw JinjaException.value("invalid format specifier");
      }
    }

    private int digits(int from) {
      int i = from;
      while (i < spec.length() && spec.charAt(i) >= '0' && spec.charAt(i) <= '9') {
        i++;
      }
      return i;
    }

    private static int number(String digits) {
      return digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
    }

    String apply(Object value) {
      if (value instanceof String text) {
        return text(text);
      }
      if (value instanceof Boolean && spec.isEmpty() || !Numbers.isNumber(value)) {
        if (!spec.isEmpty()) {
          throw JinjaException.type(
              "unsupported format string passed to %s.__format__", Values.typeName(value));
        }
        return Representation.str(run, value);
      }
      if (spec.isEmpty()) {
        return Representation.str(run, value);
      }
      boolean real = value instanceof Double || type != 0 && "eEfFgG%".indexOf(type) >= 0;
      return real ? real(Numbers.toDouble(value)) : integer(Numbers.toBig(value));
    }

    private String text(String text) {
      if (type != 0 && type != 's' || alternate || sign != '-' || grouping != 0 || align == '=') {
        throw JinjaException.value("format specifier not allowed for a string");
      }
      String cut = precision < 0 ? text : Slices.text(run, text, null, (long) precision, null);
      if (zero && align == 0) {
        fill = "0";
      }
      return pad("", cut, align == 0 ? '<' : align);
    }

    private String integer(BigInteger value) {
      if (precision >= 0) {
        throw JinjaException.value("precision not allowed in integer format specifier");
      }
      int base =
          switch (type) {
            case 0, 'd', 'n' -> 10;
            case 'x', 'X' -> 16;
            case 'o' -> 8;
            case 'b' -> 2;
            default -> throw JinjaException.value("unknown format code '%s' for int", type);
          };
      if (base != 10 && grouping == ',' || type == 'n' && grouping != 0) {
        throw JinjaException.value("cannot specify '%s' here", grouping);
      }
      String digits =
          base == 10 ? Numbers.str(Numbers.normal(value.abs())) : value.abs().toString(base);
      String prefix = alternate && base != 10 ? "0" + type : "";
      String text = type == 'X' ? Unicode.upper(digits) : digits;
      return number(sign(value.signum() < 0) + prefix, text, "", base == 10 ? 3 : 4);
    }

    private String sign(boolean negative) {
      return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
    }

    private String real(double value) {
      boolean negative = value < 0 || value == 0 && 1 / value < 0;
      double number = type == '%' ? value * 100 : value;
      int digits = precision < 0 ? 6 : FormatSpec.demandPrecision(precision);
      String text =
          switch (type) {
            case 0 -> plain(Math.abs(number));
            case '%' -> FormatSpec.absolute(number, 'f', digits, alternate) + "%";
            case 'e', 'E', 'f', 'F', 'g', 'G' ->
                FormatSpec.absolute(number, type, digits, alternate);
            case 'n' -> FormatSpec.absolute(number, 'g', digits, alternate);
            default -> throw JinjaException.value("unknown format code '%s' for float", type);
          };
      int whole = 0;
      while (whole < text.length() && Character.isDigit(text.charAt(whole))) {
        whole++;
      }
      return number(sign(negative), text.substring(0, whole), text.substring(whole), 3);
    }

    /** Without a type: as repr, or with the given digits as g does, but with a point. */
    private String plain(double value) {
      if (precision < 0) {
        return Numbers.repr(value);
      }
      int digits = FormatSpec.demandPrecision(Math.max(1, precision));
      String text = FormatSpec.absolute(value, 'g', digits, alternate);
      if (Double.isNaN(value) || Double.isInfinite(value) || text.contains("e")) {
        return text;
      }
      if (text.contains(".")) {
        return text;
      }
      // A whole number of as many digits as were asked for is written with an exponent.
      return text.length() >= digits ? withExponent(value, digits) : text + ".0";
    }

    private static String withExponent(double value, int digits) {
      String text = FormatSpec.absolute(value, 'e', digits - 1, false);
      int e = text.indexOf('e');
      return FormatSpec.withoutZeros(text.substring(0, e)) + text.substring(e);
    }

    private String number(String sign, String whole, String rest, int group) {
      char place = align == 0 ? (zero ? '=' : '>') : align;
      if (zero && align == 0) {
        fill = "0";
      }
      String digits = whole;
      if (grouping != 0 && !whole.isEmpty()) {
        digits = grouped(whole, group, sign.length() + rest.length(), place);
      }
      return pad(sign, digits + rest, place);
    }

    private String grouped(String whole, int group, int others, char place) {
      StringBuilder out = new StringBuilder();
      int count = 0;
      boolean fillsZeros = place == '=' && fill.equals("0");
      if (fillsZeros) {
        run.room(width);
      }
      for (int i = whole.length() - 1; i >= 0 || fillsZeros && out.length() + others < width; i--) {
        if (count > 0 && count % group == 0) {
          out.append(grouping);
        }
        out.append(i >= 0 ? whole.charAt(i) : '0');
        count++;
      }
      return out.reverse().toString();
    }

    private String pad(String sign, String text, char place) {
      long missing = (long) width - sign.length() - text.codePointCount(0, text.length());
      if (missing <= 0) {
        return sign + text;
      }
      return switch (place) {
        case '<' -> TextTrim.pad(run, sign + text, 0, missing, fill);
        case '^' -> TextTrim.pad(run, sign + text, missing / 2, missing - missing / 2, fill);
        case '=' -> sign + TextTrim.pad(run, text, missing, 0, fill);
        default -> TextTrim.pad(run, sign + text, missing, 0, fill);
      };
    }
  }
}
