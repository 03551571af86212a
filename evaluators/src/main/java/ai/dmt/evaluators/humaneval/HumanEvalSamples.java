package ai.dmt.evaluators.humaneval;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.evaluators.CompletionRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Problems with their completions, checked: every problem has at least one.
 *
 * @param problems to be scored, in the order of their file
 * @param completions of these problems, in the order of their file
 */
public record HumanEvalSamples(
    List<HumanEvalProblem> problems, List<CompletionRecord> completions) {
  private static final int NAMED_AT_MOST = 5;

  /**
   * Brings completions to their problems.
   *
   * @param problems all of the file, in its order
   * @param completions of these problems, in any order
   * @param limit only the first so many problems; completions of the others are left out
   * @return the problems that are kept, with their completions
   * @throws DataException if a completion is of no problem; names file and line
   * @throws ConfigException if a problem has no completion: a score over the rest would not be
   *     comparable
   */
  public static HumanEvalSamples of(
      List<HumanEvalProblem> problems, List<CompletionRecord> completions, int limit) {
    if (limit < 1) {
      throw new ConfigException("the limit must be at least 1 problem, got " + limit);
    }
    Map<String, Integer> places = new HashMap<>();
    problems.forEach(problem -> places.put(problem.taskId(), places.size()));
    List<HumanEvalProblem> kept = problems.subList(0, Math.min(limit, problems.size()));
    List<CompletionRecord> theirs = new ArrayList<>();
    for (CompletionRecord completion : completions) {
      Integer place = places.get(completion.id());
      if (place == null) {
        throw new DataException(
            completion.origin(), "the problems have no task_id \"%s\"".formatted(completion.id()));
      }
      if (place < kept.size()) {
        theirs.add(completion);
      }
    }
    HumanEvalSamples samples = new HumanEvalSamples(List.copyOf(kept), List.copyOf(theirs));
    samples.checkComplete();
    return samples;
  }

  private void checkComplete() {
    List<String> missing =
        byProblem().entrySet().stream()
            .filter(problem -> problem.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .toList();
    if (!missing.isEmpty()) {
      String names = String.join(", ", missing.subList(0, Math.min(NAMED_AT_MOST, missing.size())));
      String more = missing.size() > NAMED_AT_MOST ? ", ..." : "";
      throw new ConfigException(
          ("%s of %s problems have no completion: %s%s;"
                  + " complete the file, or score the first N problems with --limit N")
              .formatted(missing.size(), problems.size(), names, more));
    }
  }

  /** The places of each problem's completions, in the order of the problems. */
  Map<String, List<Integer>> byProblem() {
    Map<String, List<Integer>> places = new LinkedHashMap<>();
    problems.forEach(problem -> places.put(problem.taskId(), new ArrayList<>()));
    for (int i = 0; i < completions.size(); i++) {
      // No other id gets here.
      Objects.requireNonNull(places.get(completions.get(i).id())).add(i);
    }
    return places;
  }

  /** The problem of each completion. */
  List<HumanEvalProblem> problemOfEach() {
    Map<String, HumanEvalProblem> byId = new HashMap<>();
    problems.forEach(problem -> byId.put(problem.taskId(), problem));
    return completions.stream().map(completion -> byId.get(completion.id())).toList();
  }
}
