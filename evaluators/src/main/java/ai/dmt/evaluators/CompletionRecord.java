package ai.dmt.evaluators;

import ai.dmt.data.Origin;
import java.util.Objects;

/**
 * What a model answered to a problem.
 *
 * @param origin where it was read
 * @param id of the problem; numbers as their text
 * @param completion the model's text alone, without the prompt
 */
public record CompletionRecord(Origin origin, String id, String completion) {
  /**
   * Demands all.
   *
   * @param origin where it was read
   * @param id of the problem; numbers as their text
   * @param completion the model's text alone, without the prompt
   */
  public CompletionRecord {
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(completion, "completion");
  }
}
