package ai.dmt.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.SampleLimits.Overlong;
import ai.dmt.engine.DType;
import ai.dmt.engine.Recompute;
import ai.dmt.train.LearningRateConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecipeSettingsTest {
  private static Recipe read(Map<String, String> texts) {
    Map<String, List<Path>> sources = new LinkedHashMap<>();
    sources.put("math", List.of(Path.of("a.jsonl"), Path.of("b: c.jsonl")));
    sources.put("~code", List.of(Path.of("d.jsonl")));
    return RecipeSettings.recipe(Path.of("true"), 512, sources, Path.of("1e3"), texts);
  }

  private static String fault(Map<String, String> texts) {
    return assertThrows(ConfigException.class, () -> read(texts)).getMessage();
  }

  @Test
  void placesAreTakenAsTheyAreWritten() {
    Recipe recipe = read(Map.of());
    assertEquals("true", recipe.model());
    assertEquals("1e3", recipe.outputDir());
    assertEquals(List.of("math", "~code"), List.copyOf(recipe.sources().keySet()));
    assertEquals(List.of("a.jsonl", "b: c.jsonl"), recipe.sources().get("math").files());
    assertEquals(recipe, RecipeReader.parse(RecipeWriter.yaml(recipe), "r.yaml", List.of()));
  }

  @Test
  void defaultsAreThePapersAndTheModelsLength() {
    Recipe recipe = read(Map.of());
    assertEquals(StrategyRecipe.multiTask(), recipe.strategy());
    assertEquals(
        TrainingRecipe.defaults().withMaxTokensPerMicroBatch(2048).withLoggingSteps(1),
        recipe.training());
    assertEquals(DataRecipe.defaults().withCutoffLen(512).withEvalFraction(0.02), recipe.data());
    assertEquals(EngineRecipe.defaults(), recipe.engine());
  }

  @Test
  void valuesArriveWhereTheyBelong() {
    Recipe recipe =
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
                "max_samples", "9",
                "max_time", "3h30m"));
    assertEquals(128, recipe.data().cutoffLen());
    assertEquals(Overlong.DROP, recipe.data().overlong());
    assertEquals(DType.BFLOAT16, recipe.engine().dtype());
    assertEquals(Recompute.FULL, recipe.engine().recompute());
    assertEquals(0.1, recipe.engine().weightDecay());
    assertEquals(3, recipe.engine().threads());
    recipe.sources().values().forEach(source -> assertEquals(9, source.maxSamples()));
    assertEquals(7, recipe.training().warmupSteps());
    assertEquals(LearningRateConfig.Kind.LINEAR, recipe.training().lrSchedulerType());
    assertEquals("3h30m", recipe.training().maxTime());
  }

  @Test
  void aMicroBatchTakesTheLongestSample() {
    assertEquals(2048, read(Map.of("cutoff_len", "64")).training().maxTokensPerMicroBatch());
    Recipe longer =
        RecipeSettings.recipe(
            Path.of("m"), 9000, Map.of("a", List.of(Path.of("f"))), Path.of("o"), Map.of());
    assertEquals(9000, longer.training().maxTokensPerMicroBatch());
    assertEquals(
        100, read(Map.of("max_tokens_per_micro_batch", "100")).training().maxTokensPerMicroBatch());
  }

  @Test
  void allFaultsAreReportedTogetherWithActualAndExpected() {
    List<String> faults =
        fault(
                Map.of(
                    "lerning_rate", "1e-4",
                    "warmup_ratio", "1.5",
                    "seed", "abc",
                    "cutoff_len", "1",
                    "dtype", "int8"))
            .lines()
            .sorted()
            .toList();
    assertEquals(
        List.of(
            "cutoff_len=1: data: cutoff_len must be 2 or more, got 1",
            "dtype=int8: engine.dtype is \"int8\", expected one of float32, bfloat16",
            "lerning_rate=1e-4 is no setting; did you mean learning_rate?",
            "seed=abc: training.seed is \"abc\", expected a whole number"),
        faults.stream().filter(fault -> !fault.startsWith("warmup")).toList());
    assertEquals(
        "num_train_epochs=0: training: num_train_epochs must be positive, got 0",
        fault(Map.of("num_train_epochs", "0")));
  }

  @Test
  void whatOnlyStagesHaveIsSaidSo() {
    assertEquals(
        "lr_policy=restart is for a recipe of several stages; this run has one",
        fault(Map.of("lr_policy", "restart")));
  }

  @Test
  void whatOnlyRecipesHaveIsSaidSo() {
    for (String key : List.of("control.replay_selection", "strategy", "sources.math.fraction")) {
      assertEquals(
          key + "=x is for a recipe in a file; dmt init-recipe writes one",
          fault(Map.of(key, "x")));
    }
    assertTrue(
        fault(Map.of("training.learning_rate", "1")).contains("did you mean learning_rate?"));
  }

  @Test
  void settingsThatExcludeEachOtherAreRefused() {
    assertTrue(
        fault(Map.of("warmup_ratio", "0.1", "warmup_steps", "5")).contains("exclude each other"));
    assertTrue(fault(Map.of("bf16", "true", "dtype", "float32")).contains("exclude each other"));
    assertTrue(
        fault(Map.of("cutoff_len", "64", "sequence_length", "65")).contains("the same setting"));
    assertTrue(fault(Map.of("bf16", "yes")).contains("bf16 must be true or false, got \"yes\""));
    assertTrue(fault(Map.of("min_lr", "1")).contains("min_lr"));
  }

  @Test
  void bf16FalseIsTheDefault() {
    assertEquals(DType.FLOAT32, read(Map.of("bf16", "false", "dtype", "float32")).engine().dtype());
  }

  @Test
  void nanIsRefused() {
    assertTrue(fault(Map.of("learning_rate", "NaN")).contains("learning_rate must be positive"));
    assertTrue(fault(Map.of("eval_fraction", "NaN")).contains("eval_fraction must be in"));
  }

  @Test
  void everySettingHasOnePlace() {
    List<String> names = RecipeSettings.names();
    assertEquals(names.size(), names.stream().distinct().count());
    assertTrue(names.containsAll(List.of("cutoff_len", "learning_rate", "dtype", "max_samples")));
  }
}
