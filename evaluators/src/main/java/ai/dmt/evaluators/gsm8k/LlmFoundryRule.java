package ai.dmt.evaluators.gsm8k;

import java.util.Optional;

/**
 * llm-foundry's gauntlet: what follows the last "The answer is ", stripped, begins with the right
 * number; so 180 passes for 18, and no completion is without an answer.
 */
final class LlmFoundryRule implements AnswerRule {
  private static final String DELIMITER = "The answer is ";

  @Override
  public Optional<String> extract(String completion) {
    int last = completion.lastIndexOf(DELIMITER);
    return Optional.of(
        (last < 0 ? completion : completion.substring(last + DELIMITER.length())).strip());
  }

  @Override
  public boolean matches(String answer, String gold) {
    return MarkedNumber.first(gold).map(answer::startsWith).orElse(false);
  }
}
