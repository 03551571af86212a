package ai.dmt.internal.jinja;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** C's {@code strftime} in its own locale, of a time without a zone. */
final class Strftime {
  private Strftime() {}

  static String format(String format, LocalDateTime time) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      if (++i == format.length()) {
        throw JinjaException.refused("a date's format that ends with %% is not supported");
      }
      char directive = format.charAt(i);
      boolean plain = directive == '-' && i + 1 < format.length();
      String text = directive(plain ? format.charAt(++i) : directive, time);
      out.append(plain ? withoutZeros(text) : text);
    }
    return out.toString();
  }

  private static String withoutZeros(String number) {
    int from = 0;
    while (from < number.length() - 1
        && (number.charAt(from) == '0' || number.charAt(from) == ' ')) {
      from++;
    }
    return number.substring(from);
  }

  private static String directive(char directive, LocalDateTime t) {
    return switch (directive) {
      case 'a' -> name(t.getDayOfWeek()).substring(0, 3);
      case 'A' -> name(t.getDayOfWeek());
      case 'b', 'h' -> name(t.getMonth()).substring(0, 3);
      case 'B' -> name(t.getMonth());
      case 'c' ->
          directive('a', t)
              + " "
              + directive('b', t)
              + " "
              + spaced(t.getDayOfMonth())
              + pattern(" HH:mm:ss yyyy", t);
      case 'C' -> two(t.getYear() / 100);
      case 'd' -> two(t.getDayOfMonth());
      case 'D', 'x' -> pattern("MM/dd/yy", t);
      case 'e' -> spaced(t.getDayOfMonth());
      case 'f' -> String.format(Locale.ROOT, "%06d", t.getNano() / 1000);
      case 'F' -> pattern("yyyy-MM-dd", t);
      case 'G' -> String.valueOf(t.get(IsoFields.WEEK_BASED_YEAR));
      case 'g' -> two(t.get(IsoFields.WEEK_BASED_YEAR) % 100);
      case 'H' -> two(t.getHour());
      case 'I' -> two(twelve(t));
      case 'j' -> (t.getDayOfYear() < 100 ? "0" : "") + two(t.getDayOfYear());
      case 'k' -> spaced(t.getHour());
      case 'l' -> spaced(twelve(t));
      case 'm' -> two(t.getMonthValue());
      case 'M' -> two(t.getMinute());
      case 'n' -> "\n";
      case 'p' -> t.getHour() < 12 ? "AM" : "PM";
      case 'P' -> t.getHour() < 12 ? "am" : "pm";
      case 'r' -> two(twelve(t)) + pattern(":mm:ss ", t) + directive('p', t);
      case 'R' -> pattern("HH:mm", t);
      case 'S' -> two(t.getSecond());
      case 't' -> "\t";
      case 'T', 'X' -> pattern("HH:mm:ss", t);
      case 'u' -> String.valueOf(t.getDayOfWeek().getValue());
      case 'w' -> String.valueOf(t.getDayOfWeek().getValue() % 7);
      case 'U' -> two((t.getDayOfYear() + 6 - t.getDayOfWeek().getValue() % 7) / 7);
      case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'W' -> two((t.getDayOfYear() + 7 - t.getDayOfWeek().getValue()) / 7);
      case 'y' -> two(t.getYear() % 100);
      case 'Y' -> String.valueOf(t.getYear());
      case 'z', 'Z' -> "";
      case '%' -> "%";
      default -> throw JinjaException.refused("%%%s of a date is not supported", directive);
    };
  }

  private static String pattern(String pattern, LocalDateTime time) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(time);
  }

  private static String name(Enum<?> dayOrMonth) {
    return TextMethods.capitalize(dayOrMonth.name());
  }

  private static int twelve(LocalDateTime time) {
    return time.getHour() % 12 == 0 ? 12 : time.getHour() % 12;
  }

  private static String two(int number) {
    return number < 10 ? "0" + number : String.valueOf(number);
  }

  private static String spaced(int number) {
    return number < 10 ? " " + number : String.valueOf(number);
  }
}
