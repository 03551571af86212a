package ai.dmt.evaluators.mtbench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The four prompts of single-answer grading: with or without a reference answer, for the first turn
 * or for the second.
 */
public final class JudgePrompts {
  private final Map<String, JudgePrompt> byName = new HashMap<>();

  /**
   * Reads FastChat's {@code judge_prompts.jsonl}.
   *
   * @param file in FastChat's form
   * @throws ai.dmt.config.ConfigException if one of the four is missing
   * @throws ai.dmt.data.DataException naming file and line, if one is malformed or has a place that
   *     nothing fills
   */
  public JudgePrompts(Path file) {
    Map<String, JudgePrompt> all = JudgePrompt.read(file);
    List<String> none = List.of("", "");
    for (int turn = 1; turn <= 2; turn++) {
      for (List<String> references : Arrays.asList(null, none)) {
        JudgePrompt prompt = JudgePrompt.single(name(turn, references != null), all);
        prompt.template().format(places(turn, none, none, references)); // before a judge is paid
        byName.put(prompt.name(), prompt);
      }
    }
  }

  private static String name(int turn, boolean withReference) {
    return (withReference ? "single-math-v1" : "single-v1") + (turn == 1 ? "" : "-multi-turn");
  }

  /**
   * {@return the prompt for a match}
   *
   * @param match whose turn and reference choose the prompt
   */
  public JudgePrompt of(Match match) {
    String name = name(match.turn(), match.reference() != null);
    return Objects.requireNonNull(byName.get(name)); // all four are there
  }

  /**
   * {@return the user's message for a match, with question, answer and reference in their places}
   *
   * @param match to be judged
   */
  public String userPrompt(Match match) {
    List<String> references = match.reference() == null ? null : match.reference().turns();
    return of(match)
        .template()
        .format(places(match.turn(), match.question().turns(), match.answer().turns(), references));
  }

  /** What the templates of a turn may name. @param references null for none */
  private static Map<String, String> places(
      int turn, List<String> questions, List<String> answers, @Nullable List<String> references) {
    Map<String, String> places = new HashMap<>();
    if (turn == 1) {
      places.put("question", questions.get(0));
      places.put("answer", answers.get(0));
    }
    for (int t = 1; t <= turn; t++) {
      if (turn == 2) {
        places.put("question_" + t, questions.get(t - 1));
        places.put("answer_" + t, answers.get(t - 1));
      }
      if (references != null) {
        places.put("ref_answer_" + t, references.get(t - 1));
      }
    }
    return places;
  }
}
