package ai.dmt.evaluators.gsm8k;

import java.util.Optional;

/**
 * gsm8k-ScRel's eval.py: the first {@code #### n} before a NUL that Python's float() can read,
 * nearer than 1e-4.
 */
final class ScRelRule implements AnswerRule {
  @Override
  public Optional<String> extract(String completion) {
    int end = completion.indexOf('\0');
    return MarkedNumber.first(end < 0 ? completion : completion.substring(0, end))
        .filter(number -> MarkedNumber.value(number).isPresent());
  }

  @Override
  public boolean matches(String answer, String gold) {
    double right = extract(gold).map(Double::parseDouble).orElse(Double.NaN);
    return MarkedNumber.near(Double.parseDouble(answer), right);
  }
}
