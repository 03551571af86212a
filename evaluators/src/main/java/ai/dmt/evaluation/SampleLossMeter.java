package ai.dmt.evaluation;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.AttentionHead;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.TrainingEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Measures the loss of single samples. An engine sums losses by source; here each sample of a
 * window is a source of its own.
 */
public final class SampleLossMeter {
  private static final int WINDOW = 64;

  private final TrainingEngine engine;
  private final int maxTokens;

  /**
   * Makes a meter.
   *
   * @param engine whose sources are {@link #sources}
   * @param maxTokens that go through the model at once; at least the longest sample
   */
  public SampleLossMeter(TrainingEngine engine, int maxTokens) {
    if (!engine.sources().equals(sources())) {
      throw new IllegalArgumentException(
          "the engine has the sources %s, expected %s".formatted(engine.sources(), sources()));
    }
    this.engine = engine;
    this.maxTokens = maxTokens;
  }

  /** {@return what the engine's sources must be called: one for each sample of a window} */
  public static List<String> sources() {
    return IntStream.range(0, WINDOW).mapToObj(i -> "sample " + i).toList();
  }

  /**
   * {@return the losses in the order of the samples, in nats}
   *
   * @param samples each with at least one label token and no longer than what goes through at once
   * @throws ai.dmt.data.DataException if a sample is too long or carries no loss
   */
  public List<SampleLoss> measure(List<EncodedSample> samples) {
    return measure(samples, engine::evaluate);
  }

  /**
   * {@return the losses in the order of the samples, in nats, as if a head's output were 0}
   *
   * @param samples each with at least one label token and no longer than what goes through at once
   * @param without the head that is left out
   * @throws ai.dmt.data.DataException if a sample is too long or carries no loss
   */
  public List<SampleLoss> measure(List<EncodedSample> samples, AttentionHead without) {
    return measure(samples, batches -> engine.evaluateWithout(without, batches));
  }

  private List<SampleLoss> measure(
      List<EncodedSample> samples, Function<List<MicroBatch>, List<SourceLoss>> evaluate) {
    SequencePacker packer = new SequencePacker(maxTokens, WINDOW);
    List<SampleLoss> losses = new ArrayList<>();
    for (int from = 0; from < samples.size(); from += WINDOW) {
      List<SourcedSample> window = new ArrayList<>();
      for (int s = from; s < Math.min(from + WINDOW, samples.size()); s++) {
        window.add(new SourcedSample(samples.get(s), s - from));
      }
      List<SourceLoss> measured = evaluate.apply(packer.pack(window));
      for (int s = 0; s < window.size(); s++) {
        SourceLoss loss = measured.get(s);
        losses.add(new SampleLoss(window.get(s).sample().id(), loss.lossSum(), loss.labelTokens()));
      }
    }
    return losses;
  }
}
