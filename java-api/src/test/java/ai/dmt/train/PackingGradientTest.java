package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.GlobalBatch;
import ai.dmt.data.Origin;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the ways of packing mean for a real model's gradient, in float32. */
@Tag("native")
class PackingGradientTest {
  private static final ModelConfig MODEL =
      ModelConfig.llama(61, 32, 48, 2, 4, 2, 128).withInitializerRange(0.2);
  private static final GlobalBatch STEP = step(14);

  /** Samples of 3 to 100 tokens, their first third without loss. */
  private static GlobalBatch step(int samples) {
    Random random = new Random(5);
    List<SourcedSample> all = new ArrayList<>();
    for (int s = 0; s < samples; s++) {
      int[] tokens = random.ints(3 + random.nextInt(98), 0, 61).toArray();
      boolean[] loss = new boolean[tokens.length];
      for (int t = tokens.length / 3 + 1; t < tokens.length; t++) {
        loss[t] = true;
      }
      all.add(new SourcedSample(new EncodedSample("s" + s, Origin.UNKNOWN, tokens, loss), 0));
    }
    return new GlobalBatch(all);
  }

  private record Step(double[] gradient, StepMetrics metrics) {
    double distanceTo(double[] other) {
      double squares = 0;
      double size = 0;
      for (int i = 0; i < other.length; i++) {
        squares += (gradient[i] - other[i]) * (gradient[i] - other[i]);
        size += other[i] * other[i];
      }
      return Math.sqrt(squares / size);
    }
  }

  private static Step run(List<StepPart> parts) {
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, EngineConfig.defaults())) {
      parts.forEach(part -> engine.accumulate(part.microBatch(), part.tokenWeight()));
      List<float[]> tensors = engine.tensorNames().stream().map(engine::gradient).toList();
      double[] gradient = new double[tensors.stream().mapToInt(tensor -> tensor.length).sum()];
      int i = 0;
      for (float[] tensor : tensors) {
        for (float g : tensor) {
          gradient[i++] = g;
        }
      }
      return new Step(gradient, engine.apply(1e-3));
    }
  }

  private static Step run(Packing packing, int maxTokens, int maxSamples, int ranks) {
    List<StepPart> parts = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      Packing.Limits limits = new Packing.Limits(maxTokens, maxSamples);
      parts.addAll(packing.cut(STEP, new Rank(rank, ranks), limits));
    }
    return run(parts);
  }

  /** The samples one by one, each as a micro-batch of its own. */
  private static Step unpacked() {
    return run(
        STEP.samples().stream()
            .map(sample -> new StepPart(List.of(sample), 1.0 / STEP.labelTokens()))
            .toList());
  }

  @ParameterizedTest(name = "{0}, {1} tokens, {2} samples, {3} ranks")
  @CsvSource({
    "BEST_FIT, 100, 0, 1",
    "BEST_FIT, 2048, 0, 1",
    "BEST_FIT, 256, 0, 3",
    "NONE, 2048, 1, 1",
    "NONE, 2048, 4, 1",
    "NONE, 150, 4, 8"
  })
  void packedAndUnpackedGiveTheSameGradient(
      Packing packing, int maxTokens, int maxSamples, int ranks) {
    Step expected = unpacked();
    Step packed = run(packing, maxTokens, maxSamples, ranks);
    double distance = packed.distanceTo(expected.gradient());
    assertTrue(distance <= 1e-5, () -> "relative distance " + distance);
    assertEquals(expected.metrics().loss(), packed.metrics().loss(), 1e-5);
    assertEquals(STEP.labelTokens(), packed.metrics().labelTokens());
  }

  /** The paper's: the mean over micro-batches of the mean over their label tokens. */
  private static double[] meanOfMeans(int size) {
    List<SourcedSample> samples = STEP.samples();
    int microBatches = (samples.size() + size - 1) / size;
    double[] mean = null;
    for (int m = 0; m < microBatches; m++) {
      List<SourcedSample> rows =
          samples.subList(m * size, Math.min((m + 1) * size, samples.size()));
      double weight = 1.0 / new GlobalBatch(rows).labelTokens();
      double[] gradient = run(List.of(new StepPart(rows, weight))).gradient();
      mean = mean == null ? new double[gradient.length] : mean;
      for (int i = 0; i < mean.length; i++) {
        mean[i] += gradient[i] / microBatches;
      }
    }
    return mean;
  }

  @ParameterizedTest(name = "{0} samples, {1} tokens, {2} ranks")
  @CsvSource({"1, 100, 1", "1, 2048, 3", "4, 2048, 1", "4, 100, 1", "4, 128, 2", "14, 2048, 1"})
  void paperIsTheMeanOfTheMicroBatchesMeans(int maxSamples, int maxTokens, int ranks) {
    Step paper = run(Packing.PAPER, maxTokens, maxSamples, ranks);
    double distance = paper.distanceTo(meanOfMeans(maxSamples));
    assertTrue(distance <= 1e-5, () -> "relative distance " + distance);
    assertEquals(unpacked().metrics().loss(), paper.metrics().loss(), 1e-5, "reported unweighted");
  }

  @Test
  void sizeOfMicroBatchesIsPartOfWhatThePapersWayLearns() {
    double[] even = unpacked().gradient();
    Step one = run(Packing.PAPER, 2048, 1, 1);
    Step four = run(Packing.PAPER, 2048, 4, 1);
    assertTrue(one.distanceTo(even) > 0.1, () -> "" + one.distanceTo(even));
    assertTrue(four.distanceTo(one.gradient()) > 0.1);
    assertTrue(four.distanceTo(even) < one.distanceTo(even), "larger means are nearer to one mean");
    assertTrue(run(Packing.PAPER, 2048, 14, 1).distanceTo(even) <= 1e-5, "one micro-batch");
  }
}
