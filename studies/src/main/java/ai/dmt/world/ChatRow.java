package ai.dmt.world;

import java.util.ArrayList;
import java.util.List;

/**
 * A conversation of the general source.
 *
 * @param texts of user and assistant in turn
 * @param tags "math" or "code" for rows that are like those sources, otherwise none
 */
record ChatRow(List<String> texts, List<String> tags) {
  /** Share of rows that are like math and code; the paper's filter finds 27 % in ShareGPT. */
  private static final double SPECIAL = 0.25;

  /** Draws a row whose exercise or problem is of a part. */
  static ChatRow draw(Dice dice, Part part) {
    if (!dice.chance(SPECIAL)) {
      return of(Exercise.draw(dice, part));
    }
    return dice.chance(0.6) ? math(dice, part) : code(dice, part);
  }

  private static ChatRow of(Exercise exercise) {
    List<String> texts = new ArrayList<>();
    for (int turn = 0; turn < exercise.requests().size(); turn++) {
      texts.add(exercise.requests().get(turn));
      texts.add(exercise.answers().get(turn));
    }
    return new ChatRow(texts, List.of());
  }

  private static ChatRow math(Dice dice, Part part) {
    MathProblem problem = MathProblem.draw(dice, part);
    if (dice.chance(0.5)) {
      return new ChatRow(List.of(problem.question(), problem.chatAnswer()), List.of("math"));
    }
    Step step = problem.steps().get(0);
    return new ChatRow(
        List.of(
            "What is %s?".formatted(step.question()), "The answer is %s.".formatted(step.result())),
        List.of("math"));
  }

  private static ChatRow code(Dice dice, Part part) {
    CodeTask task = CodeTask.draw(dice, part);
    if (dice.chance(0.5)) {
      return new ChatRow(
          List.of(
              "How do I get %s in Python?".formatted(task.phrase()),
              "Use `%s` for it.".formatted(task.expression())),
          List.of("code"));
    }
    return new ChatRow(
        List.of(
            "Write a Python function that returns %s.".formatted(task.phrase()),
            "Here it is:\n```python\n%s\n```".formatted(task.function())),
        List.of("code"));
  }
}
