package ai.dmt.world;

/**
 * A small Python function.
 *
 * @param key what is combined, without constants: problems of one key are of one {@link Part}, so a
 *     test asks for combinations that were never seen
 * @param phrase what is returned, such as "the sum of the even numbers in xs"
 * @param expression the same in Python
 * @param argument of the function
 * @param inputs Python literals to test with
 */
record CodeTask(String key, String phrase, String expression, String argument, String inputs) {
  /**
   * Every function has this name: a model of a million parameters does not copy random names
   * (docs/world.md).
   */
  static final String NAME = "solve";

  /** Draws a task of a part: half over lists, a quarter each over texts and numbers. */
  static CodeTask draw(Dice dice, Part part) {
    while (true) {
      CodeTask task = dice.chance(0.5) ? ListTasks.draw(dice) : ChainTasks.draw(dice);
      if (Part.of(task.key) == part) {
        return task;
      }
    }
  }

  /** Signature and docstring, as HumanEval prompts with them. */
  String stub() {
    return "def %s(%s):\n    \"\"\"Return %s.\"\"\"\n".formatted(NAME, argument, phrase);
  }

  /** What completes the stub. */
  String body() {
    return "    return %s\n".formatted(expression);
  }

  /** The function without its docstring. */
  String function() {
    return "def %s(%s):\n%s".formatted(NAME, argument, body()).stripTrailing();
  }

  /** HumanEval's test: compares with the expression on each input. */
  String test() {
    return """
    def check(candidate):
        for %1$s in [%2$s]:
            assert candidate(%1$s) == (%3$s)
    """
        .formatted(argument, inputs, expression);
  }
}
