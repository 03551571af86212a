package ai.dmt.evaluators.gsm8k;

import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.ItemVerdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one mode says of a problem's completions.
 *
 * @param answers of the completions in their order; empty where the mode finds none
 */
record ProblemVerdicts(Gsm8kMode mode, Gsm8kProblem problem, List<Optional<String>> answers) {
  static ProblemVerdicts of(
      Gsm8kMode mode, Gsm8kProblem problem, List<CompletionRecord> completions) {
    return new ProblemVerdicts(
        mode, problem, completions.stream().map(each -> mode.extract(each.completion())).toList());
  }

  int samples() {
    return answers.size();
  }

  int numRight() {
    return (int) answers.stream().filter(this::isRight).count();
  }

  private boolean isRight(Optional<String> answer) {
    return answer.isPresent() && mode.isRight(answer.get(), problem);
  }

  /** Whether the answer that most of the first k completions give is right. */
  boolean majorityIsRight(int k) {
    Map<String, Integer> votes = new LinkedHashMap<>(); // keeps who came first
    answers
        .subList(0, k)
        .forEach(each -> each.ifPresent(text -> votes.merge(text, 1, Integer::sum)));
    Map.Entry<String, Integer> winner = null;
    for (Map.Entry<String, Integer> each : votes.entrySet()) {
      if (winner == null || each.getValue() > winner.getValue()) {
        winner = each;
      }
    }
    return isRight(Optional.ofNullable(winner).map(Map.Entry::getKey));
  }

  List<ItemVerdict> items() {
    List<ItemVerdict> items = new ArrayList<>();
    for (int s = 0; s < answers.size(); s++) {
      Optional<String> answer = answers.get(s);
      String verdict =
          answer.isEmpty()
              ? Gsm8kScorer.INVALID
              : isRight(answer) ? Gsm8kScorer.CORRECT : Gsm8kScorer.WRONG;
      items.add(
          new ItemVerdict(
              problem.id(), mode.text(), answers.size() == 1 ? null : s, verdict, null));
    }
    return items;
  }
}
