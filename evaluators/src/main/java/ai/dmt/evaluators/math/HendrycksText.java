package ai.dmt.evaluators.math;

import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * When two answers are the same text to the authors of MATH: their {@code is_equiv}, as
 * lm-evaluation-harness has it. Where their code raises an error in either answer, both are
 * compared as they stand.
 */
final class HendrycksText {
  /** Python's int() takes no more digits. */
  private static final int MAX_DIGITS = 4300;

  private static final Pattern WHOLE = Pattern.compile("(?U)\\s*[-+]?\\d+(?:_\\d+)*\\s*");
  private static final Pattern CANONICAL = Pattern.compile("0|-?[1-9][0-9]*");

  private HendrycksText() {}

  /** Stands for the error of the Python code. */
  private static final class FaultException extends Exception {
    private static final long serialVersionUID = 1;
  }

  static boolean same(String a, String b) {
    try {
      return normalized(a).equals(normalized(b));
    } catch (FaultException e) {
      return a.equals(b);
    }
  }

  private static String normalized(String answer) throws FaultException {
    String text =
        answer
            .replace("\n", "")
            .replace("\\!", "")
            .replace("\\\\", "\\")
            .replace("tfrac", "frac")
            .replace("dfrac", "frac")
            .replace("\\left", "")
            .replace("\\right", "")
            .replace("^{\\circ}", "")
            .replace("^\\circ", "")
            .replace("\\$", "");
    text = withoutUnits(text).replace("\\%", "").replace(" .", " 0.").replace("{.", "{0.");
    if (text.isEmpty()) {
      return text;
    }
    text = text.startsWith(".") ? "0" + text : text;
    String[] sides = text.split("=", -1);
    if (sides.length == 2 && sides[0].codePointCount(0, sides[0].length()) <= 2) {
      text = sides[1];
    }
    text = fractions(roots(text).replace(" ", ""));
    return slash(text.equals("0.5") ? "\\frac{1}{2}" : text);
  }

  private static String withoutUnits(String text) throws FaultException {
    String[] parts = text.split("\\\\text\\{ ", -1);
    if (parts.length > 2) {
      throw new FaultException();
    }
    return parts[0];
  }

  /** {@code \sqrt3} becomes {@code \sqrt{3}}. */
  private static String roots(String text) throws FaultException {
    String[] parts = text.split("\\\\sqrt", -1);
    StringBuilder all = new StringBuilder(parts[0]);
    for (int p = 1; p < parts.length; p++) {
      all.append("\\sqrt");
      String first = first(parts[p]);
      all.append(
          first.equals("{") ? parts[p] : "{" + first + "}" + parts[p].substring(first.length()));
    }
    return all.toString();
  }

  /** {@code \frac12} and {@code \frac1{72}} get their braces. */
  private static String fractions(String text) throws FaultException {
    String[] parts = text.split("\\\\frac", -1);
    StringBuilder all = new StringBuilder(parts[0]);
    for (int p = 1; p < parts.length; p++) {
      all.append("\\frac");
      String above = first(parts[p]);
      if (above.equals("{")) {
        all.append(parts[p]);
        continue;
      }
      String rest = parts[p].substring(above.length());
      if (rest.isEmpty()) {
        return text;
      }
      String below = first(rest);
      all.append('{').append(above).append('}');
      all.append(below.equals("{") ? below : "{" + below + "}");
      all.append(rest.substring(below.length()));
    }
    return all.toString();
  }

  /** {@code a/b} of whole numbers becomes a fraction; of others it is an error. */
  private static String slash(String text) throws FaultException {
    String[] parts = text.split("/", -1);
    if (parts.length != 2) {
      return text;
    }
    for (String part : parts) {
      if (!WHOLE.matcher(part).matches() || part.length() > MAX_DIGITS) {
        throw new FaultException();
      }
    }
    return CANONICAL.matcher(parts[0]).matches() && CANONICAL.matcher(parts[1]).matches()
        ? "\\frac{" + new BigInteger(parts[0]) + "}{" + new BigInteger(parts[1]) + "}"
        : text;
  }

  /** The first character, as Python counts them. */
  private static String first(String text) throws FaultException {
    if (text.isEmpty()) {
      throw new FaultException();
    }
    return text.substring(0, text.offsetByCodePoints(0, 1));
  }
}
