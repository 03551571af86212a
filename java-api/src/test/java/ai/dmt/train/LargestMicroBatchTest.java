package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.GlobalBatch;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The largest micro-batch against those that are really cut. */
class LargestMicroBatchTest {
  @ParameterizedTest
  @EnumSource(Packing.class)
  void noMicroBatchIsLargerAndOneIsAboutAsLarge(Packing packing) {
    Random random = new Random(1);
    for (int trial = 0; trial < 30; trial++) {
      Source source = source(2 + random.nextInt(50), random);
      Stage stage = Counting.stage("all", Portion.fraction("a", 1));
      ScheduleBatches batches =
          new ScheduleBatches(Schedule.of(42, stage), List.of(SampleTable.of(source)), 8);
      Packing.Limits limits = new Packing.Limits(60 + random.nextInt(300), 1 + random.nextInt(5));
      int worldSize = 1 + random.nextInt(3);
      long told = batches.largestMicroBatch(worldSize, packing, limits);
      long largest = largest(batches, source, worldSize, packing, limits);
      assertTrue(largest <= told, largest + " " + told);
      if (packing == Packing.BEST_FIT && told < limits.maxTokens()) {
        assertEquals(largest, told);
      }
      assertTrue(told <= limits.maxTokens());
    }
  }

  private static Source source(int longest, Random random) {
    List<EncodedSample> samples = new ArrayList<>();
    for (int s = 0; s < 40; s++) {
      int length = 2 + random.nextInt(longest);
      boolean[] loss = new boolean[length];
      Arrays.fill(loss, 1, length, true);
      samples.add(new EncodedSample("a" + s, Origin.UNKNOWN, new int[length], loss));
    }
    return new Source("a", samples);
  }

  private static long largest(
      ScheduleBatches batches,
      Source source,
      int worldSize,
      Packing packing,
      Packing.Limits limits) {
    long most = 0;
    for (long step = 0; step < batches.totalSteps(); step++) {
      List<SourcedSample> samples = new ArrayList<>();
      for (SampleRef ref : batches.samplesOf(0, step)) {
        EncodedSample sample = source.samples().get(ref.sample());
        samples.add(new SourcedSample(sample, 0));
      }
      for (int r = 0; r < worldSize; r++) {
        for (StepPart part :
            packing.cut(new GlobalBatch(samples), new Rank(r, worldSize), limits)) {
          most = Math.max(most, part.microBatch().tokens());
        }
      }
    }
    return most;
  }
}
