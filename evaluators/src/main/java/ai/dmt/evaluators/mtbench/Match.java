package ai.dmt.evaluators.mtbench;

import ai.dmt.data.DataException;
import org.jspecify.annotations.Nullable;

/**
 * One turn of one answer, to be judged.
 *
 * @param question that was asked
 * @param answer the model's, with all turns up to this one
 * @param turn 1 or 2
 * @param reference an answer known to be good; null where none is shown to the judge
 */
public record Match(
    Question question, ModelAnswer answer, int turn, @Nullable ModelAnswer reference) {
  /**
   * Checks that all turns are there.
   *
   * @param question that was asked
   * @param answer the model's, with all turns up to this one
   * @param turn 1 or 2
   * @param reference an answer known to be good; null where none is shown to the judge
   * @throws DataException naming the line of the answer or the reference that lacks one
   */
  public Match {
    requireTurns(answer, turn);
    if (reference != null) {
      requireTurns(reference, turn);
    }
  }

  private static void requireTurns(ModelAnswer answer, int turn) {
    if (answer.turns().size() < turn) {
      throw new DataException(
          answer.origin(),
          "answer to question %s has %s turns, turn %s is to be judged"
              .formatted(answer.questionId(), answer.turns().size(), turn));
    }
  }

  /** {@return what messages call the match, such as "question 81 turn 1 of my-model"} */
  public String label() {
    return "question %s turn %s of %s".formatted(question.id(), turn, answer.modelId());
  }
}
