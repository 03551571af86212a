package ai.dmt.evaluators.gsm8k;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * lm-evaluation-harness: a regular expression finds the answer, and both sides are equal as text
 * once {@code regexes_to_ignore} are taken off.
 *
 * @param pattern the answer is the first group that is not empty
 * @param match which match of a completion counts
 */
record LmEvalRule(Pattern pattern, Which match) implements AnswerRule {
  /** Which of several matches. */
  enum Which {
    FIRST,
    LAST
  }

  static final LmEvalRule STRICT = new LmEvalRule(MarkedNumber.PATTERN, Which.FIRST);

  static final LmEvalRule FLEXIBLE =
      new LmEvalRule(Pattern.compile("(-?[$0-9.,]{2,})|(-?[0-9]+)"), Which.LAST);

  /**
   * Of the chain-of-thought task. The last dot stands for any character but a line feed: it is the
   * full stop where there is one, and else costs the number its last digit.
   */
  static final LmEvalRule COT_STRICT =
      new LmEvalRule(
          Pattern.compile("The answer is (-?[0-9.,]+).", Pattern.UNIX_LINES), Which.FIRST);

  @Override
  public Optional<String> extract(String completion) {
    Matcher matcher = pattern.matcher(completion);
    String found = null;
    while ((found == null || match == Which.LAST) && matcher.find()) {
      found = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    }
    return Optional.ofNullable(found);
  }

  @Override
  public boolean matches(String answer, String gold) {
    return normalised(answer).equals(normalised(gold));
  }

  /** In the order of the task's list: commas, dollars, all up to the last mark, a full stop. */
  private static String normalised(String text) {
    String bare = text.replace(",", "").replace("$", "");
    bare = bare.substring(bare.lastIndexOf("#### ") < 0 ? 0 : bare.lastIndexOf("#### ") + 5);
    return bare.replaceFirst("\\.(?=\n?\\z)", "").toLowerCase(Locale.ROOT);
  }
}
