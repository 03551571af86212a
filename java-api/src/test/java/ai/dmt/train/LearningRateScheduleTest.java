package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.config.ConfigException;
import ai.dmt.train.LearningRateConfig.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LearningRateScheduleTest {
  @ParameterizedTest(name = "{0} at step {1} is {2}")
  @CsvSource({
    "CONSTANT, 0, 0.5",
    "CONSTANT, 1, 1",
    "CONSTANT, 9, 1",
    "LINEAR, 0, 0.5",
    "LINEAR, 2, 1",
    "LINEAR, 6, 0.55",
    "LINEAR, 9, 0.2125",
    "COSINE, 0, 0.5",
    "COSINE, 2, 1",
    "COSINE, 6, 0.55",
    "COSINE, 10, 0.1",
  })
  void ratesAfterTwoStepsOfWarmUpDownToTheFloor(Kind kind, long step, double rate) {
    LearningRateSchedule schedule = new LearningRateConfig(kind, 1, 0.1, 0, 2).schedule(10);
    assertEquals(rate, schedule.at(step), 1e-12);
  }

  @Test
  void cosineIsThatOfTheGoldenRuns() throws IOException {
    JsonNode golden =
        new ObjectMapper().readTree(SharedFiles.require("golden/mha/expected.json").toFile());
    JsonNode steps = golden.get("steps");
    JsonNode optimizer = golden.get("optimizer");
    LearningRateSchedule schedule =
        new LearningRateConfig(
                Kind.COSINE,
                optimizer.get("lr").doubleValue(),
                0,
                0,
                optimizer.get("warmup_steps").longValue())
            .schedule(steps.size());
    for (int step = 0; step < steps.size(); step++) {
      assertEquals(steps.get(step).get("lr").doubleValue(), schedule.at(step), 1e-15);
    }
  }

  @Test
  void warmUpByRatioIsRoundedUp() {
    LearningRateSchedule schedule =
        new LearningRateConfig(Kind.CONSTANT, 1, 0, 0.03, 0).schedule(100);
    assertEquals(1.0 / 3, schedule.at(0), 1e-12);
    assertEquals(1, schedule.at(2), 1e-12);
    LearningRateSchedule few = new LearningRateConfig(Kind.CONSTANT, 1, 0, 0.03, 0).schedule(34);
    assertEquals(0.5, few.at(0), 1e-12); // 1.02 steps become 2
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyRateIsPositiveEvenInTheShortestRuns(Kind kind) {
    for (int steps = 1; steps < 5; steps++) {
      LearningRateSchedule schedule = new LearningRateConfig(kind, 1, 0, 0.03, 0).schedule(steps);
      for (int step = 0; step < steps; step++) {
        double rate = schedule.at(step);
        assertTrue(rate > 0 && rate <= 1, kind + " " + step + " of " + steps + ": " + rate);
      }
    }
  }

  @Test
  void kindsAreSpeltAsHuggingFaceSpellsThem() {
    for (Kind kind : Kind.values()) {
      assertEquals(kind, Kind.parse(kind.text()));
    }
    ConfigException e = assertThrows(ConfigException.class, () -> Kind.parse("Cosine"));
    assertTrue(e.getMessage().contains("constant, linear or cosine, got \"Cosine\""));
  }

  @Test
  void allFaultsAreReportedTogether() {
    ConfigException e =
        assertThrows(
            ConfigException.class, () -> new LearningRateConfig(Kind.LINEAR, -1, 0, 0.5, 3));
    assertTrue(e.getMessage().contains("learningRate must be positive"), e::getMessage);
    assertTrue(e.getMessage().contains("exclude each other"), e::getMessage);
  }
}
