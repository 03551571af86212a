package ai.dmt.recipe;

import static ai.dmt.recipe.RecipeTexts.faults;
import static ai.dmt.recipe.RecipeTexts.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ConversationFilter;
import ai.dmt.data.FieldMapping;
import ai.dmt.data.PreparationConfig;
import ai.dmt.data.ReadOptions;
import ai.dmt.data.SkipPolicy;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.Topic;
import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.train.Corpus;
import ai.dmt.train.Packing;
import ai.dmt.train.StageSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("jackson")
class RecipeReaderTest {
  private static final String SMALL =
      """
      name: small
      sources:
        math: {role: specialized, samples: 100, fraction: 1/4}
        chat: {role: general, samples: 50}
      strategy: {name: dmt, k: 1/256}
      training:
        learning_rate: 1e-4
        packing: none
        per_device_train_batch_size: 4
      """;

  @Test
  void aMicroBatchMayBeLeftToThePlanner() {
    Recipe recipe = read(SMALL, "training.max_tokens_per_micro_batch=auto");
    assertEquals(TrainingRecipe.AUTO, recipe.training().maxTokensPerMicroBatch());
    String written = RecipeWriter.yaml(recipe);
    assertTrue(
        written.contains("max_tokens_per_micro_batch: \"auto\"\n") // or without quotes
            || written.contains("max_tokens_per_micro_batch: auto\n"),
        written);
    assertEquals(recipe, read(written));
    assertEquals(
        "a whole number, or auto", RecipeKeys.find("max_tokens_per_micro_batch").get(0).type());
    String fault =
        assertThrows(ConfigException.class, () -> recipe.training().scheduleTraining(64))
            .getMessage();
    assertTrue(fault.contains("max_tokens_per_micro_batch is auto"), fault);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 'is \"0\", expected a whole number above 0, or auto'",
    "autom, 'is \"autom\", expected a whole number above 0, or auto'",
    "1.5, 'is \"1.5\", expected a whole number above 0, or auto'",
    "99999999999, 'is \"99999999999\", expected a whole number above 0, or auto'",
    "-5, 'must be positive or auto, got -5'"
  })
  void aMicroBatchIsANumberOrAuto(String value, String fault) {
    List<String> faults = faults(SMALL, "training.max_tokens_per_micro_batch=" + value);
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.get(0).contains("max_tokens_per_micro_batch " + fault), faults::toString);
  }

  @Test
  void whatIsGivenIsReadAndTheRestIsDefault() {
    Recipe recipe = read(SMALL);
    assertEquals(1 / 256.0, recipe.strategy().k());
    assertEquals(0.25, recipe.sources().get("math").fraction());
    assertEquals(List.of("math", "chat"), List.copyOf(recipe.sources().keySet()));
    assertEquals(1e-4, recipe.training().learningRate());
    assertEquals(Packing.NONE, recipe.training().packing());
    assertEquals(TrainingRecipe.defaults().seed(), recipe.training().seed());
    assertEquals(DataRecipe.defaults(), recipe.data());
    assertEquals(
        List.of("math"),
        recipe.corpus().of(Corpus.Role.SPECIALIZED).stream().map(Corpus.Entry::name).toList());
  }

  @Test
  void allFaultsAreReportedWithNearestNameAndLine() {
    String yaml =
        SMALL
            + """
              num_train_epoch: 3
              seed: soon
            engine: {dtype: float31}
            data:
              cutoff_len: 1
            """;
    assertEquals(
        List.of(
            "r.yaml:14: data: cutoff_len must be 2 or more, got 1",
            "r.yaml:10: unknown key training.num_train_epoch; did you mean training.num_train_epochs?",
            "r.yaml:11: training.seed is \"soon\", expected a whole number",
            "r.yaml:12: engine.dtype is \"float31\", expected one of float32, bfloat16;"
                + " did you mean float32?"),
        faults(yaml));
  }

  @Test
  void aDeviceIsReadAndReachesTheEngine() {
    EngineConfig alone = read(SMALL + "engine: {}\n").engine().engineConfig(List.of("math"));
    assertEquals(DeviceConfig.CPU, alone.device());
    assertEquals(DType.FLOAT32, alone.gradientDType());
    EngineConfig gpu =
        read(SMALL
                + "engine: {device: cuda, device_index: 2, dtype: bfloat16,"
                + " gradient_dtype: bfloat16}\n")
            .engine()
            .engineConfig(List.of("math"));
    assertEquals(new DeviceConfig(Device.CUDA, 2), gpu.device());
    assertEquals(DType.BFLOAT16, gpu.gradientDType());
    assertEquals(
        List.of(
            "r.yaml:10: engine: device_index must be the number of a GPU from 0, or -1 for the"
                + " local rank, got -2"),
        faults(SMALL + "engine: {device: cuda, device_index: -2}\n"));
    assertEquals(
        List.of("r.yaml:10: engine: gradients in bfloat16 need dtype bfloat16, got float32"),
        faults(SMALL + "engine: {gradient_dtype: bfloat16}\n"));
  }

  @Test
  void overridesWinAndTheirFaultsNameThem() {
    Recipe recipe =
        read(
            SMALL,
            "training.learning_rate=3e-4",
            "sources.math.fraction=1/2",
            "data.template=zephyr");
    assertEquals(3e-4, recipe.training().learningRate());
    assertEquals(0.5, recipe.sources().get("math").fraction());
    assertEquals("zephyr", recipe.data().template());
    assertEquals(
        List.of("training.sed=1: unknown key training.sed; did you mean training.seed?"),
        faults(SMALL, "training.sed=1"));
    for (String word : List.of("learning_rate", "learnig_rate")) { // as of --data, and with a slip
      assertEquals(
          List.of(
              "%s=1: unknown key %s; did you mean training.learning_rate?".formatted(word, word)),
          faults(SMALL, word + "=1"));
    }
    for (String part : List.of("role=general", "files=[a]", "fraction=1/2")) {
      assertEquals(
          List.of(
              "sources.maths.%s: there is no sources.maths; did you mean sources.math? a new one is given whole, as sources.maths={...}"
                  .formatted(part)),
          faults(SMALL, "sources.maths." + part));
    }
    assertEquals(
        List.of("\"training\" is no setting, expected key.sub=value or ~key.sub"),
        faults(SMALL, "training"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "strategy.k=1.5 | k must be in [0, 1], got 1.5",
        "strategy.k=-0.1 | k must be in [0, 1], got -0.1",
        "strategy.k=.nan | k must be in [0, 1], got NaN",
        "strategy.k=NaN | k must be in [0, 1], got NaN",
        "sources.math.fraction=2 | fraction must be in (0, 1], got 2.0",
        "sources.math.samples=-5 | samples must not be negative, got -5",
        "sources.math.role=special | expected one of specialized, general",
        "sources={} | sources must name at least one source",
        "training.global_train_batch_size=0 | global_train_batch_size must be positive, got 0",
        "training.warmup_steps=5 | warmup_ratio=0.03 and warmup_steps=5 exclude each other",
        "training.packing=papr | did you mean paper?",
        "strategy.stages=[{name: a, sources: {}}] | a stage needs at least one source",
        "strategy.stages=[{name: a, sources: {math: {count: -1}}}] | count must not be negative, got -1",
        "strategy.stages=[{name: a, sources: {math: {count: 1, weight: 2}}}] | got 2",
        "strategy.stages=[{name: a, sources: {math: x}}] | expected a number or a fraction",
        "strategy.stages=[{name: a, sources: {math: }}] | math is nothing, expected a number",
        "training=[1] | training is a list, expected keys with values",
        "engine.max_grad_norm=-1 | maxGradientNorm must be finite and not negative, got -1.0"
      })
  void badValuesAreRefusedWithTheReason(String override, String message) {
    List<String> found = faults(SMALL, override);
    assertEquals(1, found.size(), found::toString);
    assertTrue(found.get(0).contains(message), found::toString);
  }

  @Test
  void sourceThatComesTwiceIsNamedWithBothLines() {
    String yaml = SMALL.replace("  chat:", "  math: {role: general}\n  chat:");
    assertEquals(List.of("r.yaml:4: \"math\" is given twice, first at r.yaml:3"), faults(yaml));
  }

  @Test
  void whatIsNoYamlOrNoRecipeIsRefused() {
    assertTrue(faults("a: [1").get(0).startsWith("r.yaml:"), () -> faults("a: [1").toString());
    assertEquals(
        List.of("r.yaml:1: the recipe is \"text\", expected keys with values"), faults("text"));
    assertEquals(
        List.of("missing.yaml: no such recipe"),
        assertThrows(
                ConfigException.class, () -> RecipeReader.read(Path.of("missing.yaml"), List.of()))
            .getMessage()
            .lines()
            .toList());
  }

  @Test
  void resolvedRecipeIsCompleteAndReadsBackEqual() {
    Recipe recipe =
        read(
            SMALL,
            "strategy={name: custom, stages: [{name: a, sources: {math: 1/3, chat: {count: 5}},"
                + " optimizer_state: carry}]}",
            "description=\"1/2: yes\"");
    String yaml = RecipeWriter.yaml(recipe);
    assertEquals(recipe, read(yaml));
    for (String key : List.of("warmup_ratio: 0.03", "seed: 42", "adam_beta1: 0.9", "overlong:")) {
      assertTrue(yaml.contains(key), yaml);
    }
  }

  @Test
  void sizeThatNobodyKnowsIsNamed() {
    Recipe recipe = read(SMALL, "sources.chat.samples=0");
    ConfigException e = assertThrows(ConfigException.class, recipe::corpus);
    assertEquals(
        "recipe \"small\": sources.chat.samples is not stated, so the source's data is needed",
        e.getMessage());
    assertEquals(7, recipe.corpus(Map.of("chat", 7)).sources().get(1).samples());
  }

  @Test
  void stageOfARecipeTakesWhatItLeavesOutFromTheTrainingSection() {
    Recipe recipe =
        read(
            SMALL,
            "strategy={name: custom, stages: [{name: a, sources: {math: 1},"
                + " learning_rate: 1e-6, num_train_epochs: 1}]}",
            "training.optimizer_state=carry");
    StageSettings settings =
        recipe
            .strategy()
            .stages()
            .get(0)
            .stage(recipe.stageSettings(), recipe.training().learningRateConfig())
            .settings();
    assertEquals(1, settings.epochs());
    assertEquals(1e-6, settings.learningRate().orElseThrow().peak());
    assertEquals(StageSettings.OptimizerState.CARRY, settings.optimizerState());
  }

  @Test
  void sourceSaysHowItIsReadAndPrepared() {
    SourceRecipe source =
        read("""
                sources:
                  chat:
                    role: general
                    files: [a.json]
                    fields: {conversations: dialog}
                    on_error: skip
                    max_errors: 7
                    role_order: drop
                    max_record_bytes: 1000
                    prepare:
                      blocked_words: [openai, chatgpt]
                      service_notices:
                        - Too many requests in 1 hour. Try again later.
                        - "!Too many requests in 1 hour. Try again later."
                      min_characters: 16
                      duplicates: drop
                      filters: [{part: tags, regex: "(?i)code|math", action: drop}]
                      exclude: [code, math]
                      split_tokens: 2048
                      last_pair: lose
                """)
            .sources()
            .get("chat");
    SourceFiles files = source.sourceFiles("chat");
    assertEquals(
        ReadOptions.defaults()
            .withFields(new FieldMapping(Map.of("conversations", "dialog")))
            .withSkipPolicy(SkipPolicy.skip(7))
            .withRoleOrder(ReadOptions.RoleOrder.DROP)
            .withMaxRecordBytes(1000),
        files.options());
    assertEquals(
        PreparationConfig.fastChat(2048)
            .withFilters(
                List.of(
                    new ConversationFilter(
                        ConversationFilter.Part.TAGS,
                        "(?i)code|math",
                        ConversationFilter.Action.DROP)))
            .withExclude(List.of(Topic.CODE, Topic.MATH)),
        files.preparation());
  }

  @Test
  void sourceThatSaysNothingIsReadAsItIs() {
    SourceFiles files =
        read(SMALL, "sources.math.files=[a.json]").sources().get("math").sourceFiles("math");
    assertEquals(SourceFiles.of("math", List.of(Path.of("a.json"))), files);
  }

  @Test
  void wordsOfFormatsFieldsTemplatesAndFiltersAreCheckedWhereTheyStand() {
    List<String> found =
        faults(
            """
            sources:
              a:
                role: general
                format: alpacca
                fields:
                  instrction: q
                  output: a
                min_samples: 3
              b:
                role: general
                on_error: skp
                max_errors: -1
                prepare:
                  min_characters: -2
                  split_tokens: -3
                  filters:
                    - {part: text, regex: "ok", action: drop}
                    - {part: text, regex: "(", action: drop}
            data:
              template: vicunna
            """);
    List<String> starts =
        List.of(
            "r.yaml:8: unknown key sources.a.min_samples; did you mean sources.a.max_samples?",
            "r.yaml:4: sources.a.format: \"alpacca\" is not known, expected one of auto, ",
            "r.yaml:6: sources.a.fields: \"instrction\" is not known, expected one of answer, ",
            "r.yaml:11: sources.b.on_error is \"skp\", expected one of fail, skip; did you mean",
            "r.yaml:18: sources.b.prepare.filters.1: regex \"(\" is malformed: ",
            "r.yaml:20: data.template: \"vicunna\" is not known, expected one of vicuna_v1.1, ");
    assertEquals(starts.size(), found.size(), () -> String.join("\n", found));
    for (int f = 0; f < starts.size(); f++) {
      assertTrue(found.get(f).startsWith(starts.get(f)), found.get(f));
    }
    assertTrue(found.get(1).endsWith("did you mean alpaca?"), found.get(1));
    assertTrue(found.get(2).endsWith("did you mean instruction?"), found.get(2));
    assertTrue(
        found.get(5).endsWith("or a file ending in .jinja or .json; did you mean vicuna_v1.1?"));
  }

  @Test
  void aTopicThatIsNotKnownIsNamedWithItsPlace() {
    assertEquals(
        List.of(
            "r.yaml:5: sources.b.prepare.exclude.1 is \"maths\", expected one of code, math;"
                + " did you mean math?"),
        faults(
            """
            sources:
              b:
                role: general
                prepare:
                  exclude: [code, maths]
            """));
  }

  @Test
  void faultsOfOneSectionEachHaveTheirLine() {
    assertEquals(
        List.of(
            "r.yaml:6: sources.b.prepare: min_characters must not be negative, got -2",
            "r.yaml:5: sources.b.prepare: split_tokens must not be negative, got -3"),
        faults(
            """
            sources:
              b:
                role: general
                prepare:
                  split_tokens: -3
                  min_characters: -2
            """));
  }

  @Test
  void schemaDescribesEveryKey() {
    var schema = RecipeSchema.json();
    var source = schema.at("/properties/sources/additionalProperties/properties");
    assertEquals("auto", source.at("/format/enum/0").asText());
    assertEquals("answer", source.at("/fields/propertyNames/enum/0").asText());
    assertEquals("skip", source.at("/on_error/enum/1").asText());
    assertEquals(
        "tags", source.at("/prepare/properties/filters/items/properties/part/enum/1").asText());
    assertEquals(
        "vicuna_v1.1", schema.at("/properties/data/properties/template/anyOf/0/enum/0").asText());
    assertEquals("integer", schema.at("/properties/training/properties/seed/type").asText());
    assertEquals(42, schema.at("/properties/training/properties/seed/default").asInt());
    assertEquals("best_fit", schema.at("/properties/training/properties/packing/enum/0").asText());
    assertEquals("role", schema.at("/properties/sources/additionalProperties/required/0").asText());
    assertTrue(!schema.at("/properties/strategy/properties/k/description").asText().isEmpty());
    assertEquals("false", schema.at("/additionalProperties").asText());
  }

  /** A record that recipes are a part of. */
  public record Pair(Recipe recipe, int times) {
    /** What is used where nothing is said. */
    public static java.util.Map<String, Object> defaults() {
      return java.util.Map.of("times", 2);
    }
  }

  @Test
  void recordsThatHoldRecipesAreReadByTheSameRulesAndWrittenBack() {
    String yaml = "recipe: {sources: {a: {role: general, max_samples: 5}}}";
    Pair pair = RecipeReader.parse(Pair.class, yaml, "p.yaml", List.of("recipe.name=b"));
    assertEquals(2, pair.times());
    assertEquals(5, pair.recipe().sources().get("a").maxSamples());
    assertEquals(pair, RecipeReader.parse(Pair.class, RecipeWriter.yaml(pair), "again", List.of()));
    String message =
        assertThrows(
                ConfigException.class,
                () -> RecipeReader.parse(Pair.class, yaml, "p.yaml", List.of("tmes=3")))
            .getMessage();
    assertEquals("tmes=3: unknown key tmes; did you mean times?", message);
  }

  @Test
  void aKeyCanBeLeftOut() {
    Recipe recipe = read(SMALL, "~sources.chat", "~training.learning_rate");
    assertEquals(List.of("math"), List.copyOf(recipe.sources().keySet()));
    assertEquals(TrainingRecipe.defaults().learningRate(), recipe.training().learningRate());
    assertEquals(
        List.of(
            "~sources.maths.files: there is no sources.maths to leave out",
            "~name.first: there is no name.first to leave out"),
        faults(SMALL, "~sources.maths.files", "~name.first"));
  }
}
