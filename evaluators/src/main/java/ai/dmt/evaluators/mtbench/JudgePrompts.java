package ai.dmt.evaluators.mtbench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The four prompts of single-answer grading: with or without a reference answer, for the first turn
 * or for the second.
 */
public final class JudgePrompts {
  private final Map<String, JudgePrompt> byName = new HashMap<>();

  /**
   * Reads FastChat's {@code judge_prompts.jsonl}.
   *
   * @throws RuntimeException if one of the four is missing or malformed, naming the file
   */
  public JudgePrompts(Path file) {
    Map<String, JudgePrompt> all = JudgePrompt.read(file);
    for (String name :
        List.of(
            "single-v1", "single-math-v1", "single-v1-multi-turn", "single-math-v1-multi-turn")) {
      byName.put(name, JudgePrompt.single(name, all));
    }
  }

  /** The prompt for a match. */
  public JudgePrompt of(Match match) {
    String name = match.reference() == null ? "single-v1" : "single-math-v1";
    return byName.get(match.turn() == 1 ? name : name + "-multi-turn");
  }

  /** The user's message for a match, with question, answer and reference in their places. */
  public String userPrompt(Match match) {
    Map<String, String> values = new HashMap<>();
    List<String> questions = match.question().turns();
    List<String> answers = match.answer().turns();
    if (match.turn() == 1) {
      values.put("question", questions.get(0));
      values.put("answer", answers.get(0));
    }
    for (int turn = 1; turn <= match.turn(); turn++) {
      if (match.turn() == 2) {
        values.put("question_" + turn, questions.get(turn - 1));
        values.put("answer_" + turn, answers.get(turn - 1));
      }
      if (match.reference() != null) {
        values.put("ref_answer_" + turn, match.reference().turns().get(turn - 1));
      }
    }
    return of(match).template().format(values);
  }
}
