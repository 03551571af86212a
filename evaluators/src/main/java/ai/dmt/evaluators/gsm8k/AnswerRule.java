package ai.dmt.evaluators.gsm8k;

import java.util.Optional;

/** How a harness finds the answer in a completion and compares it. */
interface AnswerRule {
  /** The answer that a completion gives; empty where the harness finds none. */
  Optional<String> extract(String completion);

  /**
   * Whether an answer is right.
   *
   * @param answer what {@link #extract} found
   * @param gold the problem's whole answer, which ends in {@code #### n}
   */
  boolean matches(String answer, String gold);
}
