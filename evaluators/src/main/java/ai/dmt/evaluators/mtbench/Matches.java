package ai.dmt.evaluators.mtbench;

import ai.dmt.data.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is to judge, in FastChat's order: first turns without, then with reference, second
 * turns without, then with; within each by question, then by model.
 */
public final class Matches {
  /** Categories whose judge is shown a reference answer. */
  private static final Set<String> WITH_REFERENCE =
      Set.of("math", "reasoning", "coding", "arena-hard-200");

  private Matches() {}

  /**
   * {@return whether the judge of a category is shown a reference answer}
   *
   * @param category of a question, such as "math"
   */
  public static boolean needsReference(String category) {
    return WITH_REFERENCE.contains(category);
  }

  /**
   * {@return the matches for every turn of every answer}
   *
   * @param questions in the order of their file
   * @param models answers by question, one map for each model
   * @param references by question; null where the judge is shown none
   * @throws DataException if an answer or a reference is missing
   */
  public static List<Match> of(
      List<Question> questions,
      List<Map<String, ModelAnswer>> models,
      @Nullable Map<String, ModelAnswer> references) {
    List<Match> matches = new ArrayList<>();
    for (int turn = 1; turn <= 2; turn++) {
      for (boolean withReference : new boolean[] {false, true}) {
        for (Question question : questions) {
          if (needsReference(question.category()) == withReference
              && question.turns().size() >= turn) {
            for (Map<String, ModelAnswer> answers : models) {
              matches.add(match(question, turn, answers, references));
            }
          }
        }
      }
    }
    return matches;
  }

  private static Match match(
      Question question,
      int turn,
      Map<String, ModelAnswer> answers,
      @Nullable Map<String, ModelAnswer> references) {
    ModelAnswer answer = answers.get(question.id());
    if (answer == null) {
      ModelAnswer other = answers.values().iterator().next();
      throw new DataException(
          question.origin(),
          "question %s has no answer of %s in %s"
              .formatted(question.id(), other.modelId(), other.origin().file()));
    }
    if (references == null || !needsReference(question.category())) {
      return new Match(question, answer, turn, null);
    }
    ModelAnswer reference = references.get(question.id());
    if (reference == null) {
      throw new DataException(
          question.origin(),
          "question %s of category %s has no reference answer"
              .formatted(question.id(), question.category()));
    }
    return new Match(question, answer, turn, reference);
  }
}
