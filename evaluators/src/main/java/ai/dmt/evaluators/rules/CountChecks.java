package ai.dmt.evaluators.rules;

import java.util.Arrays;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/** Rules {@code {"exactly"}} or {@code {"at_least", "at_most"}} about how much there is. */
final class CountChecks {
  private static final Pattern BULLET = Pattern.compile("\\s*[-*\\u2022]\\s");

  private CountChecks() {}

  /** Words: what white space separates. */
  static Check words(RuleFields fields) {
    return within(fields, answer -> answer.isBlank() ? 0 : answer.strip().split("\\s+").length);
  }

  /** Lines that are not blank. */
  static Check lines(RuleFields fields) {
    return within(fields, answer -> answer.lines().filter(line -> !line.isBlank()).count());
  }

  /** Paragraphs: what blank lines separate. */
  static Check paragraphs(RuleFields fields) {
    return within(
        fields,
        answer ->
            Arrays.stream(answer.strip().split("\\R[ \\t]*\\R"))
                .filter(paragraph -> !paragraph.isBlank())
                .count());
  }

  /** Lines that begin with "- ", "* " or a bullet. */
  static Check bullets(RuleFields fields) {
    return within(
        fields, answer -> answer.lines().filter(line -> BULLET.matcher(line).lookingAt()).count());
  }

  private static Check within(RuleFields fields, ToLongFunction<String> count) {
    int exactly = fields.count("exactly", -1);
    int atLeast = fields.count("at_least", exactly < 0 ? 0 : exactly);
    int atMost = fields.count("at_most", exactly < 0 ? Integer.MAX_VALUE : exactly);
    boolean mixed = exactly >= 0 && (fields.has("at_least") || fields.has("at_most"));
    boolean none = exactly < 0 && !fields.has("at_least") && !fields.has("at_most");
    if (mixed || none || atLeast > atMost) {
      throw fields.fault("needs either \"exactly\", or \"at_least\" and \"at_most\" in order");
    }
    return Check.of(
        answer -> {
          long found = count.applyAsLong(answer);
          return found >= atLeast && found <= atMost;
        });
  }
}
