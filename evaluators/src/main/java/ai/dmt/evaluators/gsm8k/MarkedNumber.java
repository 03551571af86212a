package ai.dmt.evaluators.gsm8k;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers after {@code ####}, as grade-school-math's dataset.py finds them. */
final class MarkedNumber {
  static final Pattern PATTERN = Pattern.compile("#### (-?[0-9.,]+)");

  /** What Python's float() reads, of texts that hold digits, dots and a leading minus only. */
  private static final Pattern PYTHON_FLOAT = Pattern.compile("-?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)");

  private MarkedNumber() {}

  /** The first one, without commas; it may be no number, such as "1.8.0". */
  static Optional<String> first(String text) {
    Matcher matcher = PATTERN.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1).replace(",", "")) : Optional.empty();
  }

  /** Its value as Python's float() has it; empty where float() would raise an error. */
  static OptionalDouble value(String number) {
    return PYTHON_FLOAT.matcher(number).matches()
        ? OptionalDouble.of(Double.parseDouble(number))
        : OptionalDouble.empty();
  }

  /** Whether two numbers are nearer than ScRel's eval.py demands. */
  static boolean near(double a, double b) {
    return Math.abs(a - b) < 1e-4;
  }
}
