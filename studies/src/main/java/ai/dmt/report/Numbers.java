package ai.dmt.report;

import java.util.Locale;

/** Numbers for people: no more digits than they say something with. */
final class Numbers {
  private Numbers() {}

  /** Three significant digits and a letter for thousands and millions, for where room is short. */
  static String brief(double value) {
    double size = Math.abs(value);
    if (size < 10_000) {
      return text(value);
    }
    boolean millions = size >= 999_500;
    double shown = value / (millions ? 1e6 : 1e3);
    int decimals = Math.max(0, 2 - (int) Math.floor(Math.log10(Math.abs(shown))));
    String digits = String.format(Locale.ROOT, "%." + decimals + "f", shown);
    String plain = digits.contains(".") ? digits.replaceAll("\\.?0+$", "") : digits;
    return plain + (millions ? " M" : " k");
  }

  /** Four significant digits, no exponent for usual sizes, no trailing zeros. */
  static String text(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    double size = Math.abs(value);
    if (size < 1e-3 || size >= 1e6) {
      return String.format(Locale.ROOT, "%.3g", value);
    }
    int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }
}
