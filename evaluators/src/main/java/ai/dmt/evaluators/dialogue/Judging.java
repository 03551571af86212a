package ai.dmt.evaluators.dialogue;

import ai.dmt.evaluators.judge.Judge;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.evaluators.mtbench.Matches;
import ai.dmt.evaluators.mtbench.ModelAnswer;
import ai.dmt.evaluators.mtbench.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How the answers to some questions come to be judged. */
@FunctionalInterface
interface Judging {
  /**
   * Judges all turns.
   *
   * @param answers by question
   * @throws ai.dmt.evaluators.UnscoredException if the judge could not be asked
   */
  List<Judgment> judge(List<Question> questions, Map<String, ModelAnswer> answers)
      throws InterruptedException;

  /** One answer after the other, without references. */
  static Judging by(Judge judge) {
    return (questions, answers) -> {
      List<Judgment> judgments = new ArrayList<>();
      for (Match match : Matches.of(questions, List.of(answers), null)) {
        judgments.add(judge.judge(match, 0).judgment(judge.name(), match));
      }
      return judgments;
    };
  }
}
