package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.SampleLimits.Overlong;
import ai.dmt.engine.DType;
import ai.dmt.engine.Recompute;
import ai.dmt.train.LearningRateConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainSettingsTest {
  private static TrainSettings read(Map<String, String> texts) {
    return TrainSettings.read(texts, 512);
  }

  private static String fault(Map<String, String> texts) {
    return assertThrows(ConfigException.class, () -> read(texts)).getMessage();
  }

  @Test
  void defaultsAreThePapersAndTheModelsLength() {
    TrainSettings settings = read(Map.of());
    assertEquals(3, settings.train().epochs());
    assertEquals(LearningRateConfig.cosine(2e-5), settings.train().learningRate());
    assertEquals(512, settings.train().batch().sequenceLength());
    assertEquals(2048, settings.train().batch().maxTokensPerMicroBatch());
    assertEquals(DType.FLOAT32, settings.saveDType());
    assertEquals("vicuna_v1.1", settings.template());
  }

  @Test
  void valuesArriveWhereTheyBelong() {
    TrainSettings settings =
        read(
            Map.of(
                "sequence_length", "128",
                "bf16", "true",
                "recompute", "full",
                "overlong", "drop",
                "warmup_steps", "7",
                "lr_scheduler_type", "linear",
                "weight_decay", "0.1",
                "threads", "3",
                "max_samples", "9"));
    assertEquals(128, settings.limits().sequenceLength());
    assertEquals(Overlong.DROP, settings.limits().overlong());
    assertEquals(DType.BFLOAT16, settings.engine().computeDType());
    assertEquals(DType.BFLOAT16, settings.saveDType());
    assertEquals(Recompute.FULL, settings.engine().recompute());
    assertEquals(0.1, settings.engine().adamW().weightDecay());
    assertEquals(3, settings.engine().threads());
    assertEquals(9, settings.maxSamples());
    assertEquals(7, settings.train().learningRate().warmupSteps());
    assertEquals(LearningRateConfig.Kind.LINEAR, settings.train().learningRate().kind());
    assertEquals(128L, settings.resolved().get("cutoff_len"));
  }

  @Test
  void allFaultsAreReportedTogetherWithActualAndExpected() {
    String message =
        fault(
            Map.of(
                "lerning_rate", "1e-4",
                "warmup_ratio", "1.5",
                "seed", "abc",
                "num_train_epochs", "0",
                "cutoff_len", "4096",
                "dtype", "int8"));
    assertTrue(
        message.contains("lerning_rate=1e-4 is no setting; did you mean learning_rate?"), message);
    assertTrue(message.contains("warmup_ratio must be in [0.0, 1.0), got 1.5"), message);
    assertTrue(message.contains("seed must be a whole number, got \"abc\""), message);
    assertTrue(
        message.contains("num_train_epochs must be a whole number of at least 1, got \"0\""),
        message);
    assertTrue(
        message.contains(
            "cutoff_len=4096 must be in [2, 512], the model's max_position_embeddings"),
        message);
    assertTrue(message.contains("dtype must be one of float32, bfloat16, got \"int8\""), message);
  }

  @Test
  void settingsThatExcludeEachOtherAreRefused() {
    assertTrue(
        fault(Map.of("warmup_ratio", "0.1", "warmup_steps", "5")).contains("exclude each other"));
    assertTrue(fault(Map.of("bf16", "true", "dtype", "float32")).contains("exclude each other"));
    assertTrue(
        fault(Map.of("cutoff_len", "64", "sequence_length", "65")).contains("the same setting"));
    assertTrue(fault(Map.of("bf16", "yes")).contains("bf16 must be true or false, got \"yes\""));
    assertTrue(
        fault(Map.of("max_tokens_per_micro_batch", "100", "cutoff_len", "200"))
            .contains("max_tokens_per_micro_batch=100 must be at least cutoff_len=200"));
    assertTrue(fault(Map.of("min_lr", "1")).contains("min_lr=1.0 must be at most"));
  }

  @Test
  void bf16FalseIsTheDefault() {
    assertEquals(
        DType.FLOAT32, read(Map.of("bf16", "false", "dtype", "float32")).engine().computeDType());
  }

  @Test
  void nanIsRefused() {
    assertTrue(fault(Map.of("learning_rate", "NaN")).contains("learning_rate must be positive"));
    assertTrue(fault(Map.of("eval_fraction", "NaN")).contains("eval_fraction must be in"));
  }
}
