package ai.dmt.evaluators.gsm8k;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last number of a completion once commas and dollar signs are dropped, nearer than 1e-4. A
 * minus belongs to the number unless a digit stands before it ("10-5" ends in 5). For models that
 * were never taught to write {@code ####}.
 */
final class LastNumberRule implements AnswerRule {
  private static final Pattern NUMBER =
      Pattern.compile("(?<![0-9])-?(?:[0-9]+(?:\\.[0-9]+)?|\\.[0-9]+)");

  @Override
  public Optional<String> extract(String completion) {
    Matcher matcher = NUMBER.matcher(completion.replace(",", "").replace("$", ""));
    String last = null;
    while (matcher.find()) {
      last = matcher.group();
    }
    return Optional.ofNullable(last);
  }

  @Override
  public boolean matches(String answer, String gold) {
    double right = MarkedNumber.first(gold).map(Double::parseDouble).orElse(Double.NaN);
    return MarkedNumber.near(Double.parseDouble(answer), right);
  }
}
