package ai.dmt.evaluators.rules;

import ai.dmt.data.DataException;
import ai.dmt.evaluators.judge.Judge;
import ai.dmt.evaluators.judge.JudgeClock;
import ai.dmt.evaluators.judge.Opinion;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.evaluators.mtbench.Question;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Judges by the rules that each question carries; the same answer always gets the same rating. */
public final class RuleJudge implements Judge {
  private final Map<String, List<Rubric>> rubrics = new HashMap<>();
  private final JudgeClock clock;

  /**
   * Makes a judge.
   *
   * @param questions all that will be judged
   * @param clock for the time of each judgement
   * @throws DataException naming file and line, if one has no rules or malformed ones
   */
  public RuleJudge(List<Question> questions, JudgeClock clock) {
    questions.forEach(question -> rubrics.put(question.id(), RuleReader.read(question)));
    this.clock = clock;
  }

  @Override
  public String name() {
    return "rules";
  }

  /**
   * Judges by the rules of the match's question.
   *
   * @throws IllegalArgumentException if the judge was made without that question
   */
  @Override
  public Opinion judge(Match match, int repeat) {
    List<Rubric> turns = rubrics.get(match.question().id());
    if (turns == null) {
      throw new IllegalArgumentException(
          "question %s is none of those that the judge was made for"
              .formatted(match.question().id()));
    }
    String text = turns.get(match.turn() - 1).judge(answer(match));
    return new Opinion("rules-v1", shown(match), text, clock.timestamp(), false);
  }

  private static String answer(Match match) {
    return match.answer().turns().get(match.turn() - 1);
  }

  /** All turns so far. */
  private static String shown(Match match) {
    List<String> said = new ArrayList<>();
    for (int turn = 0; turn < match.turn(); turn++) {
      said.add("### User:\n" + match.question().turns().get(turn));
      said.add("### Assistant:\n" + match.answer().turns().get(turn));
    }
    return String.join("\n\n", said);
  }
}
