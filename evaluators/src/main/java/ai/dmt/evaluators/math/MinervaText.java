package ai.dmt.evaluators.math;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Minerva's form of an answer (Lewkowycz et al. 2022, appendix D), as lm-evaluation-harness's task
 * minerva_math 3.1 makes it. The harness then asks SymPy whether two that differ are equal; here
 * they are not, so the share of right answers is never above the harness's.
 */
final class MinervaText {
  private static final String END = "I hope it is correct.";

  private static final Pattern FINAL =
      Pattern.compile("(?d)Final Answer: The final answer is(.*?). I hope it is correct.");

  private static final Pattern AROUND =
      Pattern.compile("(?U)^[\\s\\x1c-\\x1f]+|[\\s\\x1c-\\x1f]+$");

  /** Words and marks that are left out, in the harness's order. */
  private static final List<String> REMOVED =
      List.of(
          "square",
          "ways",
          "integers",
          "dollars",
          "mph",
          "inches",
          "ft",
          "hours",
          "km",
          "units",
          "\\ldots",
          "sue",
          "points",
          "feet",
          "minutes",
          "digits",
          "cents",
          "degrees",
          "cm",
          "gm",
          "pounds",
          "meters",
          "meals",
          "edges",
          "students",
          "childrentickets",
          "multiples",
          "\\text{s}",
          "\\text{.}",
          "\\text{\ns}",
          "\\text{}^2",
          "\\text{}^3",
          "\\text{\n}",
          "\\text{}",
          "\\mathrm{th}",
          "^\\circ",
          "^{\\circ}",
          "\\;",
          ",\\!",
          "{,}",
          "\"",
          "\\dots");

  private static final Pattern COMMAND = Pattern.compile("\\\\[a-zA-Z]+");
  private static final Pattern THOUSANDS = Pattern.compile("(?U)-?\\d{1,3}(?:,\\d{3})+");

  private MinervaText() {}

  /** What a completion says its final answer is, normalised; empty where it says none. */
  static Optional<String> answer(String completion) {
    Matcher found = FINAL.matcher(completion + END);
    return found.find()
        ? Optional.of(normalized(AROUND.matcher(found.group(1)).replaceAll("")))
        : Optional.empty();
  }

  static String normalized(String answer) {
    String text = answer.substring(answer.lastIndexOf('=') + 1);
    for (String word : REMOVED) {
      if (isWord(word)) {
        text = text.replaceAll("(?U)(?<!\\\\)\\b" + word + "\\b", "");
      }
    }
    text =
        text.replace("an ", "")
            .replace("a ", "")
            .replace(".$", "$")
            .replace("\\$", "")
            .replace("\\ ", "")
            .replace(" ", "")
            .replace("mbox", "text")
            .replace(",\\text{and}", ",")
            .replace("\\text{and}", ",")
            .replace("\\text{m}", "\\text{}");
    for (String removed : REMOVED) {
      text = isWord(removed) ? outsideCommands(text, removed) : text.replace(removed, "");
    }
    text =
        betweenDollars(text)
            .replaceAll("(?d)\\\\text\\{(.*?)\\}", "$1")
            .replaceAll("(?d)\\\\textbf\\{(.*?)\\}", "$1")
            .replaceAll("(?d)\\\\overline\\{(.*?)\\}", "$1")
            .replaceAll("(?d)\\\\boxed\\{(.*)\\}", "$1")
            .replaceAll("(?d)frac([^{])(.)", "frac{$1}{$2}")
            .replaceAll("(?U)sqrt(\\[[^\\]]*\\])(\\w)", "sqrt$1{$2}")
            .replaceAll("sqrt(?!\\[)([^{])", "sqrt{$1}")
            .replace("$", "");
    return THOUSANDS.matcher(text).matches() ? text.replace(",", "") : text;
  }

  /** Of each line with two dollar signs, what stands between the first two, with them. */
  private static String betweenDollars(String text) {
    String[] lines = text.split("\n", -1);
    for (int l = 0; l < lines.length; l++) {
      int first = lines[l].indexOf('$');
      int second = lines[l].indexOf('$', first + 1);
      lines[l] = first < 0 || second < 0 ? lines[l] : lines[l].substring(first, second + 1);
    }
    return String.join("\n", lines);
  }

  private static boolean isWord(String removed) {
    return removed.chars().allMatch(Character::isLetter);
  }

  /** So that "ft" does not go from a left bracket's command. */
  private static String outsideCommands(String text, String word) {
    StringBuilder all = new StringBuilder();
    Matcher command = COMMAND.matcher(text);
    int from = 0;
    while (command.find()) {
      all.append(text.substring(from, command.start()).replace(word, "")).append(command.group());
      from = command.end();
    }
    return all.append(text.substring(from).replace(word, "")).toString();
  }
}
