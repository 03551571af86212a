package ai.dmt.evaluators.rules;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Rules about the words of an answer. White space around the answer does not count. */
final class TextChecks {
  private TextChecks() {}

  /** {@code text}, at least {@code at_least} times (1), {@code ignore_case} (false). */
  static Check contains(RuleFields fields) {
    UnaryOperator<String> fold = fold(fields);
    String text = fold.apply(fields.text("text"));
    int atLeast = fields.count("at_least", 1);
    return Check.of(answer -> occurrences(text, fold.apply(answer)) >= atLeast);
  }

  /** {@code text} does not occur, {@code ignore_case} (false). */
  static Check excludes(RuleFields fields) {
    UnaryOperator<String> fold = fold(fields);
    String text = fold.apply(fields.text("text"));
    return Check.of(answer -> !fold.apply(answer).contains(text));
  }

  /** {@code text}, {@code ignore_case} (false). */
  static Check startsWith(RuleFields fields) {
    UnaryOperator<String> fold = fold(fields);
    String text = fold.apply(fields.text("text"));
    return Check.of(answer -> fold.apply(answer).strip().startsWith(text));
  }

  /** {@code text}, {@code ignore_case} (false). */
  static Check endsWith(RuleFields fields) {
    UnaryOperator<String> fold = fold(fields);
    String text = fold.apply(fields.text("text"));
    return Check.of(answer -> fold.apply(answer).strip().endsWith(text));
  }

  /** {@code text} is all of the answer, {@code ignore_case} (false). */
  static Check equalTo(RuleFields fields) {
    UnaryOperator<String> fold = fold(fields);
    String text = fold.apply(fields.text("text")).strip();
    return Check.of(answer -> fold.apply(answer).strip().equals(text));
  }

  /** {@code case} is "upper" or "lower": there are letters and none of the other case. */
  static Check letterCase(RuleFields fields) {
    String name = fields.text("case");
    if (!name.equals("upper") && !name.equals("lower")) {
      throw fields.fault("\"case\" must be \"upper\" or \"lower\", got \"%s\"".formatted(name));
    }
    boolean upper = name.equals("upper");
    return Check.of(
        answer ->
            answer.codePoints().anyMatch(Character::isLetter)
                && answer
                    .codePoints()
                    .noneMatch(upper ? Character::isLowerCase : Character::isUpperCase));
  }

  /**
   * {@code pattern} in RE2's syntax occurs; its time is linear in the answer, whatever the pattern.
   */
  static Check regex(RuleFields fields) {
    String text = fields.text("pattern");
    Pattern pattern;
    try {
      pattern = Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw fields.fault("\"pattern\" is malformed: " + e.getMessage());
    }
    return Check.of(answer -> pattern.matcher(answer).find());
  }

  private static UnaryOperator<String> fold(RuleFields fields) {
    return fields.isTrue("ignore_case")
        ? text -> text.toLowerCase(Locale.ROOT)
        : UnaryOperator.identity();
  }

  private static int occurrences(String text, String answer) {
    int count = 0;
    for (int i = answer.indexOf(text); i >= 0; i = answer.indexOf(text, i + text.length())) {
      count++;
    }
    return count;
  }
}
