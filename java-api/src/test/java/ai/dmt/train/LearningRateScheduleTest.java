package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.train.LearningRateConfig.Kind;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LearningRateScheduleTest {
  /** One course of transformers' Trainer, as scripts/golden_learning_rates.py wrote it. */
  static List<JsonNode> coursesOfTrainer() throws IOException {
    try (InputStream in =
        LearningRateScheduleTest.class.getResourceAsStream("learning_rates.json")) {
      return List.copyOf(new ObjectMapper().readValue(in, new TypeReference<List<JsonNode>>() {}));
    }
  }

  @ParameterizedTest
  @MethodSource("coursesOfTrainer")
  void everyRateIsThatOfTrainer(JsonNode course) {
    LearningRateSchedule schedule =
        new LearningRateConfig(
                Kind.parse(course.get("lr_scheduler_type").textValue()),
                course.get("learning_rate").doubleValue(),
                course.get("min_lr").doubleValue(),
                course.get("warmup_ratio").doubleValue(),
                course.get("warmup_steps").longValue())
            .schedule(course.get("steps").longValue());
    JsonNode rates = course.get("rates");
    for (int step = 0; step < rates.size(); step++) {
      assertEquals(rates.get(step).doubleValue(), schedule.at(step), 1e-19, "step " + step);
    }
  }

  @Test
  void copiesHaveOneWarmUpAndTheirFloor() {
    assertEquals(
        new LearningRateConfig(Kind.COSINE, 2, 0.5, 0, 4),
        LearningRateConfig.cosine(2).withWarmupSteps(4).withFloor(0.5));
    assertEquals(
        new LearningRateConfig(Kind.LINEAR, 2, 0, 0.1, 0),
        LearningRateConfig.linear(2).withWarmupSteps(4).withWarmupRatio(0.1));
    assertEquals(
        new LearningRateConfig(Kind.CONSTANT_WITH_WARMUP, 2, 0, 0, 3),
        LearningRateConfig.constant(2).withWarmupSteps(3));
  }

  @ParameterizedTest(name = "{0} at step {1} is {2}")
  @CsvSource({
    "CONSTANT, 0, 1",
    "CONSTANT_WITH_WARMUP, 0, 0",
    "CONSTANT_WITH_WARMUP, 1, 0.5",
    "CONSTANT_WITH_WARMUP, 9, 1",
    "LINEAR, 1, 0.5",
    "LINEAR, 2, 1",
    "LINEAR, 6, 0.55",
    "LINEAR, 9, 0.2125",
    "COSINE, 1, 0.5",
    "COSINE, 2, 1",
    "COSINE, 6, 0.55",
    "COSINE, 10, 0.1",
  })
  void ratesAfterTwoStepsOfWarmUpDownToTheFloor(Kind kind, long step, double rate) {
    LearningRateSchedule schedule = new LearningRateConfig(kind, 1, 0.1, 0, 2).schedule(10);
    assertEquals(rate, schedule.at(step), 1e-12);
  }

  @Test
  void kindsAreSpeltAsHuggingFaceSpellsThem() {
    for (Kind kind : Kind.values()) {
      assertEquals(kind, Kind.parse(kind.text()));
    }
    ConfigException e = assertThrows(ConfigException.class, () -> Kind.parse("Cosine"));
    assertTrue(e.getMessage().contains("constant_with_warmup or linear or cosine, got \"Cosine\""));
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
