package ai.dmt.train;

import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import java.util.List;

/**
 * Samples of a step that go through the model together.
 *
 * @param samples at least one
 * @param tokenWeight of each of their label tokens in the loss of the step, see {@link
 *     ai.dmt.engine.TrainingEngine#accumulate}
 */
public record StepPart(List<SourcedSample> samples, double tokenWeight) {
  /**
   * Copies the list.
   *
   * @param samples at least one; copied
   * @param tokenWeight above 0
   */
  public StepPart {
    samples = List.copyOf(samples);
  }

  /** {@return the samples laid end to end} */
  public MicroBatch microBatch() {
    return SequencePacker.layOut(samples);
  }
}
