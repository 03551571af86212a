package ai.dmt.evaluators.rules;

/** How well an answer keeps one rule. */
@FunctionalInterface
interface Check {
  /** From 0, not at all, to 1, fully. */
  double credit(String answer);

  /** A check that is kept or not. */
  static Check of(java.util.function.Predicate<String> kept) {
    return answer -> kept.test(answer) ? 1 : 0;
  }
}
