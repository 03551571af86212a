package ai.dmt.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {
  @ParameterizedTest
  @CsvSource({"20%, 8", "3.5x, 3.5", "2h, 72", "30m, 18", "100%, 40"})
  void isWholeRuns(String text, double runs) {
    assertEquals(runs, Budget.parse(text).runs(40, 1000, 10, 0), 1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "20", "lots", "%", "x", "-5%", "0x", "150%", "1e", "5 runs"})
  void otherWordsAreRefused(String text) {
    assertThrows(ConfigException.class, () -> Budget.parse(text));
  }

  @Test
  void timeNeedsASpeed() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> Budget.parse("2h").runs(40, 1000, 0, 0));
    assertTrue(e.getMessage().contains("tokens_per_second"), e.getMessage());
  }

  @Test
  void tooLittleIsRefusedBeforeAnythingIsTrained() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> Budget.parse("1x").runs(40, 1000, 0, 0));
    assertEquals(
        "the budget pays for 1.0 whole runs of the recipe, and advice needs at least 2",
        e.getMessage());
    e = assertThrows(ConfigException.class, () -> Budget.parse("4x").runs(40, 1000, 0, 3));
    assertEquals(
        "the budget pays for 4.0 whole runs of the recipe, and advice needs at least 5, 3 of them for"
            + " other learning rates",
        e.getMessage());
  }
}
