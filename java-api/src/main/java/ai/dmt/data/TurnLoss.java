package ai.dmt.data;

import java.util.List;

/** Takes the loss off answers that are only read, see {@link Turn#trained}. */
final class TurnLoss {
  private TurnLoss() {}

  /**
   * The sample without loss on answers that carry none. Any template will do: each answer is one
   * span of loss, and the spans stand in the order of the answers.
   *
   * @param sample of the whole conversation
   * @throws DataException if the template has another number of spans than of answers
   */
  static EncodedSample of(Conversation conversation, EncodedSample sample) {
    List<Turn> answers =
        conversation.turns().stream().filter(turn -> turn.role() == Role.ASSISTANT).toList();
    if (answers.stream().allMatch(Turn::trained)) {
      return sample;
    }
    boolean[] loss = sample.carriesLoss().clone();
    int spans = 0;
    for (int t = 0; t < loss.length; t++) {
      if (sample.carriesLoss()[t]) {
        spans += t == 0 || !sample.carriesLoss()[t - 1] ? 1 : 0;
        loss[t] = spans <= answers.size() && answers.get(spans - 1).trained();
      }
    }
    if (spans != answers.size()) {
      throw new DataException(
          conversation.origin(),
          "an answer of weight 0 cannot be told from the others: the template has %s spans of loss for %s answers"
              .formatted(spans, answers.size()));
    }
    return new EncodedSample(sample.id(), sample.origin(), sample.tokenIds(), loss);
  }
}
