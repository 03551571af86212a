package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.engine.MicroBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequencePackerTest {
  /** A sample of the given tokens; those from the given position on carry loss. */
  private static SourcedSample sample(int source, int lossFrom, int... tokens) {
    boolean[] loss = new boolean[tokens.length];
    for (int t = lossFrom; t < tokens.length; t++) {
      loss[t] = true;
    }
    return new SourcedSample(new EncodedSample("s", Origin.UNKNOWN, tokens, loss), source);
  }

  private static List<MicroBatch> pack(int maxTokens, SourcedSample... samples) {
    return new SequencePacker(maxTokens, 100).pack(List.of(samples));
  }

  @Test
  void documentsLieEndToEndWithShiftedLabels() {
    SourcedSample three = sample(1, 3, 1, 31, 32, 33);
    SourcedSample four = sample(0, 2, 1, 41, 42, 43, 44);
    MicroBatch batch = pack(8, three, four).get(0);
    // Longest first. The last token of a document is a label only: nothing has to be computed for
    // it.
    //                            |  four         |  three    |
    assertArrayEquals(new int[] {1, 41, 42, 43, 1, 31, 32}, batch.tokenIds());
    assertArrayEquals(new int[] {-100, 42, 43, 44, -100, -100, 33}, batch.labels());
    assertArrayEquals(new int[] {0, 4, 7}, batch.documentOffsets());
    assertArrayEquals(new int[] {0, 1}, batch.documentSources());
  }

  @Test
  void tokensAfterTheLastLossAreNotComputed() {
    EncodedSample tail =
        new EncodedSample(
            "s",
            Origin.UNKNOWN,
            new int[] {1, 5, 6, 7, 8},
            new boolean[] {false, true, false, false, false});
    MicroBatch batch = pack(8, new SourcedSample(tail, 0)).get(0);
    assertArrayEquals(new int[] {1}, batch.tokenIds());
    assertArrayEquals(new int[] {5}, batch.labels());
  }

  @Test
  void eachSampleGoesIntoTheFullestMicroBatchWithRoom() {
    // Lengths 6, 5, 4, 3, 2 into 10: 6 + 4, 5 + 3 + 2.
    List<MicroBatch> batches = pack(10, length(2), length(4), length(6), length(3), length(5));
    assertEquals(List.of(10, 10), batches.stream().map(MicroBatch::tokens).toList());
    assertArrayEquals(new int[] {0, 6, 10}, batches.get(0).documentOffsets());
    assertArrayEquals(new int[] {0, 5, 8, 10}, batches.get(1).documentOffsets());
  }

  /** A sample of which so many tokens are computed. */
  private static SourcedSample length(int inputTokens) {
    int[] tokens = new int[inputTokens + 1];
    return sample(0, inputTokens, tokens);
  }

  @Test
  void windowsArePackedApart() {
    List<SourcedSample> samples = List.of(length(6), length(6), length(4), length(4));
    assertEquals(2, new SequencePacker(10, 4).pack(samples).size());
    assertEquals(3, new SequencePacker(10, 2).pack(samples).size());
  }

  @Test
  void sampleLongerThanAMicroBatchIsNamed() {
    DataException e = assertThrows(DataException.class, () -> pack(4, length(5)));
    assertTrue(e.getMessage().contains("5 tokens, maxTokensPerMicroBatch is 4"), e::getMessage);
  }

  @Test
  void sampleWithoutLossIsRefused() {
    DataException e = assertThrows(DataException.class, () -> pack(4, sample(0, 2, 1, 5)));
    assertTrue(e.getMessage().contains("no token that carries loss"), e::getMessage);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noLabelIsLostAndNoDocumentIsCutOrMixed(long seed) {
    List<SourcedSample> samples = randomSamples(seed);
    List<MicroBatch> batches = new SequencePacker(40, 16).pack(samples);
    Map<String, Integer> expected = new TreeMap<>();
    for (SourcedSample sourced : samples) {
      expected.merge(pairs(sourced), 1, Integer::sum);
    }
    Map<String, Integer> actual = new TreeMap<>();
    for (MicroBatch batch : batches) {
      assertTrue(batch.tokens() <= 40, "seed " + seed);
      for (int d = 0; d < batch.documents(); d++) {
        actual.merge(pairs(batch, d), 1, Integer::sum);
      }
    }
    assertEquals(expected, actual, "seed " + seed);
    assertEquals(
        new GlobalBatch(samples).labelTokens(),
        batches.stream().mapToLong(MicroBatch::labelTokens).sum());
  }

  @Test
  void sameSamplesGiveTheSameMicroBatches() {
    List<MicroBatch> once = new SequencePacker(40, 16).pack(randomSamples(9));
    List<MicroBatch> again = new SequencePacker(40, 16).pack(randomSamples(9));
    assertEquals(once.size(), again.size());
    for (int b = 0; b < once.size(); b++) {
      assertArrayEquals(once.get(b).tokenIds(), again.get(b).tokenIds());
      assertArrayEquals(once.get(b).documentOffsets(), again.get(b).documentOffsets());
    }
  }

  @Test
  void packingWastesLittle() {
    List<SourcedSample> samples = randomSamples(3);
    long tokens = samples.stream().mapToLong(s -> s.sample().inputTokens()).sum();
    long batches = new SequencePacker(40, samples.size()).pack(samples).size();
    assertTrue(tokens > 0.9 * 40 * batches, tokens + " tokens in " + batches + " micro-batches");
  }

  private static List<SourcedSample> randomSamples(long seed) {
    Random random = new Random(seed);
    List<SourcedSample> samples = new ArrayList<>();
    for (int s = 0; s < 100; s++) {
      int length = 2 + random.nextInt(38);
      int[] tokens = random.ints(length, 3, 1000).toArray();
      boolean[] loss = new boolean[length];
      loss[1 + random.nextInt(length - 1)] = true;
      for (int t = 1; t < length; t++) {
        loss[t] |= random.nextBoolean();
      }
      EncodedSample sample = new EncodedSample("s" + s, Origin.UNKNOWN, tokens, loss);
      samples.add(new SourcedSample(sample, random.nextInt(3)));
    }
    return samples;
  }

  /** Source and all (token, label) pairs of a document, as the sample has them. */
  private static String pairs(SourcedSample sourced) {
    EncodedSample sample = sourced.sample();
    StringBuilder text = new StringBuilder(sourced.source() + ":");
    for (int t = 0; t < sample.inputTokens(); t++) {
      int label = sample.carriesLoss()[t + 1] ? sample.tokenIds()[t + 1] : -100;
      text.append(sample.tokenIds()[t]).append('>').append(label).append(' ');
    }
    return text.toString();
  }

  /** The same, as the micro-batch has them. */
  private static String pairs(MicroBatch batch, int document) {
    StringBuilder text = new StringBuilder(batch.documentSources()[document] + ":");
    for (int t = batch.documentOffsets()[document];
        t < batch.documentOffsets()[document + 1];
        t++) {
      text.append(batch.tokenIds()[t]).append('>').append(batch.labels()[t]).append(' ');
    }
    return text.toString();
  }
}
