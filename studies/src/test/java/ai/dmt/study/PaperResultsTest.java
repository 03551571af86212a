package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The paper's numbers, and where they contradict each other. */
class PaperResultsTest {
  private static final PaperResults PAPER = PaperResults.read();

  @ParameterizedTest(name = "{0}, {1}, {2}: {3}")
  @CsvSource({
    "filtered k=1/4, 7B, gsm8k, 43.13",
    "filtered k=1/256, 7B, mtbench, 4.38",
    "dmt k=1/256, 33B, humaneval, 25.00",
    "dmt k=1/16, 7B, gsm8k, 43.3",
    "amount general k=1/256, 33B, mtbench, 2.3",
    "ratio c k=1/64, 7B, humaneval, 12.19"
  })
  void numbersAreThePapers(String group, String size, String benchmark, double value) {
    assertEquals(OptionalDouble.of(value), PAPER.of(group, size, benchmark));
  }

  @ParameterizedTest(name = "{0}, {1}, {2}: {3}")
  @CsvSource({
    "code only, 13B, humaneval, 1",
    "code only, 7B, humaneval, 0",
    "code only, 13B, gsm8k, 0",
    "multi-task, 13B, gsm8k, 1",
    "mixed k=1, 13B, humaneval, 1",
    "dmt k=1/256, 33B, mtbench, 1",
    "dmt k=1/256, 33B, mtbench, 1",
    "dmt k=1/256, 7B, mtbench, 0",
    "amount math k=1/64, 33B, gsm8k, 1",
    "ratio c k=1, 7B, mtbench, 1"
  })
  void numbersThatThePaperHasTwiceAreMarked(
      String group, String size, String benchmark, int contradictions) {
    assertEquals(contradictions, PAPER.contradictions(group, size, benchmark).size());
  }

  @Test
  void everyContradictionIsOfRunsThatTheFileHasAndSaysWhat() {
    assertTrue(PAPER.contradictions().size() >= 10);
    for (PaperResults.Contradiction each : PAPER.contradictions()) {
      assertFalse(each.says().isBlank());
      for (String run : each.runs()) {
        assertTrue(
            java.util.List.of("7B", "13B", "33B").stream()
                .anyMatch(
                    size ->
                        PaperResults.COLUMNS.keySet().stream()
                            .anyMatch(b -> PAPER.of(run, size, b).isPresent())),
            run);
      }
    }
  }
}
