package ai.dmt.evaluators.gsm8k;

import java.util.Optional;

/** grade-school-math's dataset.py: the first {@code #### n}, equal as text. */
final class OpenAiRule implements AnswerRule {
  @Override
  public Optional<String> extract(String completion) {
    return MarkedNumber.first(completion);
  }

  @Override
  public boolean matches(String answer, String gold) {
    return MarkedNumber.first(gold).map(answer::equals).orElse(false);
  }
}
