package ai.dmt.internal.text;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.config.ConfigException;
import org.junit.jupiter.api.Test;

class FaultsTest {
  @Test
  void allFaultsAreReportedTogetherWithTheirValues() {
    Faults faults =
        new Faults("run")
            .positive("epochs", 0)
            .inRange("topP", Double.NaN, 0, 1)
            .notNegative("seed", 1)
            .present("model", null);
    ConfigException e = assertThrows(ConfigException.class, faults::throwIfAny);
    assertEquals(
        "run: epochs must be positive, got 0; topP must be in [0.0, 1.0], got NaN; model is"
            + " missing",
        e.getMessage());
  }

  @Test
  void valuesOnTheBordersPass() {
    assertDoesNotThrow(
        () ->
            new Faults("run")
                .positive("a", 1)
                .notNegative("b", 0)
                .inRange("c", 1.0, 0, 1)
                .inHalfOpenRange("d", 0.0, 0, 1)
                .positive("e", Double.MIN_VALUE)
                .throwIfAny());
  }

  @Test
  void infinityAndTheOpenEndFail() {
    Faults faults =
        new Faults("run").positive("a", Double.POSITIVE_INFINITY).inHalfOpenRange("b", 1, 0, 1);
    ConfigException e = assertThrows(ConfigException.class, faults::throwIfAny);
    assertEquals(
        "run: a must be positive and finite, got Infinity; b must be in [0.0, 1.0), got 1.0",
        e.getMessage());
  }
}
