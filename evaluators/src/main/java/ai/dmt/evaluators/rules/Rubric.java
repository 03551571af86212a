package ai.dmt.evaluators.rules;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Rates answers to one turn: {@code 1 + 9 * sum(weight * credit) / sum(weight)}, rounded to two
 * decimals, and 1 where an answer stays below the gate of a rule.
 */
record Rubric(List<Rule> rules) {
  private static final double LOWEST = 1;
  private static final double HIGHEST = 10;

  Rubric {
    rules = List.copyOf(rules);
  }

  /**
   * The judgement, with each rule's credit and the rating in the form that FastChat reads. It
   * quotes nothing of the answer, which could spell a rating of its own.
   */
  String judge(String answer) {
    double kept = 0;
    double all = 0;
    boolean belowGate = false;
    List<String> lines = new ArrayList<>();
    for (Rule rule : rules) {
      double credit = rule.check().credit(answer);
      kept += rule.weight() * credit;
      all += rule.weight();
      boolean below = credit < rule.gate();
      belowGate |= below;
      lines.add(
          "%s: %s of %s%s"
              .formatted(
                  rule.type(),
                  plain(rule.weight() * credit),
                  plain(rule.weight()),
                  below ? ", less than its gate of " + plain(rule.gate() * rule.weight()) : ""));
    }
    double rating = belowGate ? LOWEST : LOWEST + (HIGHEST - LOWEST) * kept / all;
    lines.add("Rating: [[%s]]".formatted(plain(rating)));
    return String.join("\n", lines);
  }

  /** Two decimals at most. */
  private static String plain(double value) {
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(2, RoundingMode.HALF_UP);
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }
}
