package ai.dmt.evaluators.mtbench;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The number that a judgement gives, by FastChat's rule (its llm_judge/common.py): the first {@code
 * [[number]]}, else the first {@code [number]}, else -1. Unlike there, what is beyond the scale of
 * the judge's prompts, 1 to 10, is no rating; 0 is one, as judges give it.
 *
 * @param number a BigInteger or a Double, since files tell 6 from 6.0
 */
public record Rating(Number number) {
  /** Of a judgement without a rating. */
  public static final Rating NONE = new Rating(-1L);

  // Python's \d is any decimal digit of Unicode. Possessive, or long numbers would take a long
  // time.
  private static final String NUMBER = "(\\p{Nd}++(?:\\.\\p{Nd}*+)?+)";
  private static final Pattern DOUBLE_BRACKETS = Pattern.compile("\\[\\[" + NUMBER + "\\]\\]");
  private static final Pattern SINGLE_BRACKETS = Pattern.compile("\\[" + NUMBER + "\\]");

  private static final int HIGHEST = 10;

  /**
   * Makes whole numbers of any type equal.
   *
   * @param number a BigInteger or a Double, since files tell 6 from 6.0
   */
  public Rating {
    if (!(number instanceof Double)) {
      number = new BigInteger(number.toString());
    }
  }

  /**
   * Reads a judgement. Where FastChat finds a number and then fails to read it, such as {@code
   * [[05]]}, there is no rating.
   *
   * @param judgment what the judge said
   * @return the rating; one that has {@link #failed} if there is none
   */
  public static Rating parse(String judgment) {
    Matcher matcher = DOUBLE_BRACKETS.matcher(judgment);
    if (!matcher.find()) {
      matcher = SINGLE_BRACKETS.matcher(judgment);
      if (!matcher.find()) {
        return NONE;
      }
    }
    return literal(matcher.group(1));
  }

  /** A number of Python's source: whole numbers may not begin with 0, floats may. */
  private static Rating literal(String text) {
    if (!text.chars().allMatch(c -> c < 128)) {
      return NONE;
    }
    if (text.contains(".")) {
      double value = Double.parseDouble(text);
      return isOnScale(value) ? new Rating(value) : NONE;
    }
    if (text.chars().allMatch(c -> c == '0')) {
      return new Rating(BigInteger.ZERO);
    }
    return text.startsWith("0") || !isOnScale(Double.parseDouble(text))
        ? NONE
        : new Rating(new BigInteger(text));
  }

  /** Whether a judge may give this number. */
  static boolean isOnScale(double value) {
    return value >= 0 && value <= HIGHEST;
  }

  /** {@return the rating as a double; -1 if there is none} */
  public double value() {
    return number.doubleValue();
  }

  /** {@return whether there is none, so that it does not count} */
  public boolean failed() {
    return value() == -1;
  }
}
