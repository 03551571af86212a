package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.config.ConfigException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrainConfigTest {
  @Test
  void microBatchMustHoldTheLongestSample() {
    ConfigException e = assertThrows(ConfigException.class, () -> new BatchConfig(128, 1024, 2048));
    assertEquals(
        "batch: maxTokensPerMicroBatch=1024 must be at least sequenceLength=2048: a sample is"
            + " never split",
        e.getMessage());
  }

  @Test
  void defaultsAreThoseOfThePaper() {
    TrainConfig config = TrainConfig.defaults();
    assertEquals(3, config.epochs());
    assertEquals(new BatchConfig(128, 2048, 2048), config.batch());
    assertEquals(2e-5, config.learningRate().peak());
    assertEquals(0.03, config.learningRate().warmupRatio());
  }

  @Test
  void allFaultsAreReportedTogether() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> new TrainConfig(0, -1, null, null, -2, Duration.ofSeconds(-3), 0));
    assertEquals(
        "training: epochs must be positive, got 0; maxSteps must not be negative, got -1; batch is"
            + " missing; learningRate is missing; evalSteps must not be negative, got -2;"
            + " maxTime must not be negative, got PT-3S",
        e.getMessage());
  }
}
