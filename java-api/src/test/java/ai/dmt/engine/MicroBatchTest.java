package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MicroBatchTest {
  private static void assertRefused(
      String message, int[] tokens, int[] labels, int[] offsets, int[] sources) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new MicroBatch(tokens, labels, offsets, sources));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @Test
  void onlyLabelsThatAreNotIgnoredCount() {
    MicroBatch batch = MicroBatch.of(new int[] {1, 2, 3}, new int[] {-100, 0, -100});
    assertEquals(1, batch.labelTokens());
    assertEquals(3, batch.tokens());
    assertEquals(1, batch.documents());
  }

  @Test
  void arraysMustFitTogether() {
    int[] two = {1, 2};
    int[] one = {0};
    assertRefused("1 labels for 2 tokens", two, one, new int[] {0, 2}, one);
    assertRefused("1 documents has 1 offsets", two, two, one, one);
    assertRefused("from 0 to 1 tokens, got 0 to 0", one, one, new int[] {0}, new int[0]);
    assertRefused("from 0 to 2 tokens, got 0 to 1", two, two, new int[] {0, 1}, one);
    assertRefused("from 0 to 2 tokens, got 1 to 2", two, two, new int[] {1, 2}, one);
    assertRefused("document 1 is empty", two, two, new int[] {0, 2, 2}, new int[2]);
    assertRefused("document 1 is empty", two, two, new int[] {0, 2, 1, 2}, new int[3]);
  }
}
