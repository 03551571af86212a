package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeldOutSplitTest {
  private static EncodedSample sample(int content) {
    return new EncodedSample(
        "s" + content,
        Origin.UNKNOWN,
        new int[] {1, content, 2},
        new boolean[] {false, true, true});
  }

  private static List<EncodedSample> samples(int count) {
    List<EncodedSample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(sample(i));
    }
    return samples;
  }

  @Test
  void shareIsHeldOutAndNothingIsLost() {
    HeldOutSplit split = HeldOutSplit.of(samples(1000), 0.05);
    assertEquals(50, split.heldOut().size());
    assertEquals(950, split.train().size());
    assertTrue(Collections.disjoint(split.train(), split.heldOut()));
  }

  @Test
  void orderOfSamplesDoesNotMatter() {
    List<EncodedSample> shuffled = samples(200);
    List<EncodedSample> expected = HeldOutSplit.of(shuffled, 0.1).heldOut();
    Collections.shuffle(shuffled, new Random(3));
    List<EncodedSample> actual = HeldOutSplit.of(shuffled, 0.1).heldOut();
    assertNotEquals(expected, actual);
    assertEquals(new HashSet<>(expected), new HashSet<>(actual));
  }

  @Test
  void copiesLandOnOneSide() {
    List<EncodedSample> twice = samples(100);
    for (int i = 0; i < 100; i++) {
      twice.add(sample(i));
    }
    HeldOutSplit split = HeldOutSplit.of(twice, 0.055);
    assertEquals(12, split.heldOut().size()); // 11, and the copy of the last one
  }

  @Test
  void oneIsHeldOutWhereThereAreEnough() {
    assertEquals(1, HeldOutSplit.of(samples(10), 0.01).heldOut().size());
    assertEquals(0, HeldOutSplit.of(samples(9), 0.01).heldOut().size());
    assertEquals(0, HeldOutSplit.of(samples(100), 0).heldOut().size());
  }

  @Test
  void someAreAlwaysLeftToTrainOn() {
    List<EncodedSample> copies = List.of(sample(1), sample(1), sample(1));
    assertEquals(copies, HeldOutSplit.of(copies, 0.5).train());
  }

  private static EncodedSample path(String id, long line, int question, int answer) {
    return new EncodedSample(
        id,
        line == 0 ? Origin.UNKNOWN : new Origin("rows.jsonl", line),
        new int[] {1, question, 7, answer, 2},
        new boolean[] {false, false, false, true, true});
  }

  /** A question has five answers, as rejection sampling leaves them, anywhere in the file. */
  @Test
  void answersOfOneQuestionLandOnOneSide() {
    List<EncodedSample> paths = new ArrayList<>();
    for (int answer = 0; answer < 5; answer++) {
      for (int question = 0; question < 60; question++) {
        paths.add(path("r" + paths.size(), 0, 100 + question, answer));
      }
    }
    HeldOutSplit split = HeldOutSplit.of(paths, 0.1);
    assertEquals(30, split.heldOut().size());
    assertTrue(Collections.disjoint(questions(split.train()), questions(split.heldOut())));
  }

  private static HashSet<Integer> questions(List<EncodedSample> samples) {
    HashSet<Integer> questions = new HashSet<>();
    samples.forEach(sample -> questions.add(sample.tokenIds()[1]));
    return questions;
  }

  /** Split here: pieces have their record's place. Split in the file: they have FastChat's ids. */
  @Test
  void piecesOfOneConversationLandOnOneSide() {
    List<EncodedSample> pieces = new ArrayList<>();
    for (int conversation = 0; conversation < 50; conversation++) {
      for (int turn : new int[] {0, 4, 6, 12}) {
        boolean here = conversation % 2 == 0;
        String id = here ? "x" + pieces.size() : "conv%s_%s".formatted(conversation, turn);
        long line = here ? 1 + conversation : 1_000 + pieces.size();
        pieces.add(path(id, line, 100 + pieces.size(), conversation));
      }
    }
    HeldOutSplit split = HeldOutSplit.of(pieces, 0.1);
    assertEquals(20, split.heldOut().size());
    HashSet<Integer> held = new HashSet<>();
    split.heldOut().forEach(sample -> held.add(sample.tokenIds()[3]));
    assertTrue(split.train().stream().noneMatch(sample -> held.contains(sample.tokenIds()[3])));
  }

  @Test
  void numberedRowsAreNoPieces() {
    List<EncodedSample> rows = new ArrayList<>();
    for (int row = 0; row < 200; row++) {
      rows.add(path("math_" + row, 1 + row, 100 + row, 5));
    }
    assertEquals(20, HeldOutSplit.of(rows, 0.1).heldOut().size());
  }
}
