package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.engine.BaseWeights;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.TrainingRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recipes of other programs: each is imported, planned, and trained for ten steps. */
@Tag("native")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecipeImportTest {
  private static final Path RECIPES = Path.of("src/test/resources/imports");

  @TempDir private static Path folder;

  @BeforeAll
  static void writeModelAndData() throws IOException {
    TinyModel.copy(RECIPES, folder);
    Path model = TinyModel.write(folder.resolve("model"));
    for (String program : List.of("llama-factory", "axolotl", "trl")) {
      TinyModel.copy(model, folder.resolve(program).resolve("model"));
      writeData(folder.resolve(program).resolve("data"));
    }
  }

  private static void writeData(Path data) throws IOException {
    Files.createDirectories(data);
    StringBuilder sums = new StringBuilder("[");
    StringBuilder recipes = new StringBuilder();
    StringBuilder talk = new StringBuilder();
    StringBuilder notes = new StringBuilder();
    StringBuilder pairs = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      sums.append(i == 0 ? "" : ",")
          .append(
              "{\"instruction\": \"What is %s and 1?\", \"output\": \"%s\"}".formatted(i, i + 1));
      recipes.append(
          "{\"task\": \"Cook\", \"context\": \"%s eggs\", \"reply\": \"Take %s.\", \"persona\": \"A cook.\"}\n"
              .formatted(i, i));
      talk.append(
          ("{\"dialog\": [{\"role\": \"user\", \"content\": \"Say %s.\"},"
                  + " {\"role\": \"assistant\", \"content\": \"It is %s.\"}]}\n")
              .formatted(i, i));
      notes.append("{\"body\": \"Note %s of a day.\"}\n".formatted(i));
      pairs.append("{\"prompt\": \"Count to %s.\", \"completion\": \"%s\"}\n".formatted(i, i));
    }
    Files.writeString(data.resolve("sums.json"), sums + "]");
    Files.writeString(data.resolve("recipes.jsonl"), recipes);
    Files.writeString(data.resolve("talk.jsonl"), talk);
    Files.writeString(
        data.resolve("talk_held_out.jsonl"), talk.substring(0, talk.indexOf("\n", 300)));
    Files.writeString(data.resolve("notes.jsonl"), notes);
    Files.writeString(data.resolve("pairs.jsonl"), pairs);
  }

  @ParameterizedTest
  @CsvSource({
    "llama-factory/full_alpaca.yaml, llama-2-chat, false",
    "llama-factory/chat_packed.yaml, vicuna_v1.1, false",
    "llama-factory/lora_notes.yaml, plain, true",
    "llama-factory/lora_sums.yaml, alpaca, false",
    "axolotl/fft_alpaca.yaml, alpaca, false",
    "axolotl/chat_template.yaml, vicuna_v1.1, false",
    "axolotl/own_fields_fsdp.yaml, vicuna_v1.1, false",
    "axolotl/qlora.yaml, alpaca, false",
    "trl/sft.yaml, vicuna_v1.1, false",
    "trl/lora.yaml, vicuna_v1.1, false"
  })
  void isImportedPlannedAndTrained(String file, String template, boolean full) {
    Path from = folder.resolve(file);
    Path recipe = folder.resolve(file.replace('/', '-'));
    Dmt imported =
        full
            ? Dmt.run("recipe", "import", from, "--output", recipe, "--full")
            : Dmt.run("recipe", "import", from, "-o", recipe);
    imported.succeeds();

    Recipe read = RecipeReader.read(recipe, List.of());
    List<Object> plan = new java.util.ArrayList<>(List.of("plan", recipe));
    read.sources().keySet().forEach(name -> plan.add("sources." + name + ".samples=40"));
    String planned = Dmt.run(plan.toArray()).succeeds();
    assertTrue(planned.contains("steps of"), planned);

    Path output = folder.resolve("out-" + recipe.getFileName());
    String trained =
        Dmt.run(
                "train",
                recipe,
                "--output",
                output,
                "training.max_steps=10",
                "training.num_train_epochs=10",
                "training.global_train_batch_size=4",
                "training.logging_steps=5",
                "training.save_steps=0",
                "data.all_masked=drop",
                "data.mixture_tolerance=1", // ten steps are no epoch
                "engine.dtype=float32", // which every processor computes fast
                "engine.optimizer_states=float32",
                "data.template=" + template) // the tiny model has none of its own
            .succeeds();
    assertTrue(trained.contains("step 10"), trained);
    String weights = read.adapter() == null ? "model.safetensors" : AdapterFolder.WEIGHTS;
    assertTrue(Files.exists(output.resolve(weights)), output::toString);
  }

  private static Recipe imported(String file, String... options) {
    Path recipe = folder.resolve("check.yaml");
    Object[] words = new Object[5 + options.length];
    System.arraycopy(
        new Object[] {"recipe", "import", folder.resolve(file), "--output", recipe},
        0,
        words,
        0,
        5);
    System.arraycopy(options, 0, words, 5, options.length);
    try {
      Files.deleteIfExists(recipe);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Dmt.run(words).succeeds();
    return RecipeReader.read(recipe, List.of());
  }

  @Test
  void aBatchThatIsFoundByTryingIsLeftToThePlanner() throws IOException {
    Path file = folder.resolve("llama-factory/full_alpaca.yaml");
    Files.writeString(file, Files.readString(file) + "\nauto_find_batch_size: true\n");
    Recipe recipe = imported("llama-factory/full_alpaca.yaml");
    assertEquals(TrainingRecipe.AUTO, recipe.training().maxTokensPerMicroBatch());
  }

  @Test
  void whatThereIsACounterpartForIsTakenOver() {
    Recipe alpaca = imported("llama-factory/full_alpaca.yaml", "--gpus", "8");
    assertEquals(64, alpaca.training().globalTrainBatchSize(), "2 samples, 4 times, 8 GPUs");
    assertEquals(512, alpaca.training().maxTokensPerMicroBatch());
    assertEquals(1e-4, alpaca.training().learningRate());
    assertEquals(0.1, alpaca.training().warmupRatio());
    assertEquals("llama-2-chat", alpaca.data().template());
    assertEquals("bfloat16", alpaca.engine().dtype().text());
    assertEquals("full", alpaca.engine().sharding().text());
    assertEquals(List.of("sums", "recipes"), List.copyOf(alpaca.sources().keySet()));
    assertEquals(50, alpaca.sources().get("sums").maxSamples());
    assertEquals(30, alpaca.sources().get("recipes").maxSamples());
    assertEquals("task", alpaca.sources().get("recipes").fields().get("instruction"));
    assertEquals("persona", alpaca.sources().get("recipes").fields().get("system"));
    assertTrue(Files.exists(Path.of(alpaca.model())), alpaca.model());

    Recipe chat = imported("llama-factory/chat_packed.yaml");
    assertEquals(2e-5, chat.training().minLr(), 1e-12);
    assertEquals(2, chat.training().warmupSteps());
    assertEquals(5, chat.training().evalSteps());
    assertEquals(0.1, chat.data().evalFraction());
    assertEquals("dialog", chat.sources().get("talk").fields().get("conversations"));
    assertEquals("content", chat.sources().get("talk").fields().get("value"));

    Recipe own = imported("axolotl/own_fields_fsdp.yaml", "--gpus", "2");
    assertEquals(8, own.training().globalTrainBatchSize());
    assertEquals(3e-5, own.training().minLr(), 1e-12);
    assertEquals("drop", own.data().overlong().name().toLowerCase(java.util.Locale.ROOT));
    assertEquals("reply", own.sources().get("recipes").fields().get("output"));
    assertEquals("vicuna_v1.1", own.data().template(), "which has a place for a system turn");
    Recipe notes = imported("llama-factory/lora_notes.yaml", "--full");
    assertEquals("text", notes.sources().get("notes").format());
    assertEquals("body", notes.sources().get("notes").fields().get("text"));

    Recipe template = imported("axolotl/chat_template.yaml");
    assertEquals("chatml", template.data().template());
    assertEquals(1, template.sources().get("talk").heldOut().size());
    assertEquals(
        "linear", template.training().lrSchedulerType().name().toLowerCase(java.util.Locale.ROOT));
    assertEquals(0.03, template.training().warmupRatio(), "axolotl's own default");

    Recipe trl = imported("trl/sft.yaml");
    assertEquals("chat_template", trl.data().template());
    assertEquals("none", trl.engine().recompute().text());
  }

  @Test
  void adaptersAreTakenOver() {
    AdapterRecipe sums = imported("llama-factory/lora_sums.yaml").adapter();
    assertEquals(4, sums.rank());
    assertEquals(8, sums.alpha(), "twice the rank is LLaMA-Factory's default");
    assertEquals(List.of(AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ), sums.targets());
    assertEquals(BaseWeights.COMPUTE, sums.baseWeights());
    AdapterRecipe notes = imported("llama-factory/lora_notes.yaml").adapter();
    assertEquals(AdapterTarget.ALL_LINEAR, notes.targets());

    AdapterRecipe quantised = imported("axolotl/qlora.yaml").adapter();
    assertEquals(8, quantised.rank());
    assertEquals(16, quantised.alpha());
    assertEquals(0.05, quantised.dropout());
    assertEquals(AdapterTarget.ALL_LINEAR, quantised.targets());
    assertEquals(BaseWeights.NF4, quantised.baseWeights());

    AdapterRecipe trl = imported("trl/lora.yaml").adapter();
    assertEquals(List.of(AdapterTarget.Q_PROJ, AdapterTarget.K_PROJ), trl.targets());
    assertTrue(trl.rankStabilized());
    assertEquals(32, trl.alpha());
    assertEquals(BaseWeights.INT8, trl.baseWeights());
    assertEquals(null, imported("trl/sft.yaml").adapter());
    assertEquals(null, imported("trl/lora.yaml", "--full").adapter());
  }

  @Test
  void whatAnAdapterDoesNotHaveIsListed() {
    Dmt sums = Dmt.run("recipe", "import", folder.resolve("llama-factory/lora_sums.yaml"));
    sums.succeeds();
    assertTrue(sums.err().contains("use_dora: true (adapters are plain LoRA"), sums::toString);
    Dmt qlora = Dmt.run("recipe", "import", folder.resolve("axolotl/qlora.yaml"));
    qlora.succeeds();
    assertTrue(qlora.err().contains("lora_modules_to_save: "), qlora::toString);
    Dmt trl = Dmt.run("recipe", "import", folder.resolve("trl/lora.yaml"));
    trl.succeeds();
    assertTrue(
        trl.err().contains("lora_target_modules: Wqkv (adapters stand beside q_proj"),
        trl::toString);
  }

  @Test
  void whatHasNoCounterpartIsListedOnTheErrorStreamAndInComments() {
    Dmt imported = Dmt.run("recipe", "import", folder.resolve("axolotl/fft_alpaca.yaml"));
    String yaml = imported.succeeds();
    for (String line :
        List.of(
            "optimizer: paged_adamw_8bit (AdamW with states in float32 is taken",
            "special_tokens: {\"pad_token\":\"<unk>\"} (tokenizer and vocabulary stay as they are)",
            "evals_per_epoch: 2 (held-out loss",
            "saves_per_epoch: 1 (checkpoints come")) {
      assertTrue(yaml.contains("#   " + line), () -> line + " in " + yaml);
      assertTrue(imported.err().contains("  " + line), imported::toString);
    }
    assertFalse(yaml.contains("load_in_8bit"), yaml);
  }

  @Test
  void whatIsNoFullFineTuningIsRefusedUnlessAskedFor() throws IOException {
    Path lora = folder.resolve("llama-factory/lora_notes.yaml");
    Dmt full = Dmt.run("recipe", "import", lora, "--full");
    full.succeeds();
    assertTrue(full.err().contains("lora_rank: 8 (adapters are plain LoRA"), full::toString);
    assertTrue(full.err().contains("num_train_epochs: 1.5 (epochs are whole here"), full::toString);
    Path file = folder.resolve("other.yaml");
    Files.writeString(
        file, "model_name_or_path: m\nstage: sft\nfinetuning_type: freeze\ndataset: d\n");
    Dmt.run("recipe", "import", file)
        .fails(ExitCode.USAGE, "finetuning_type: freeze trains a part of the weights", "--full");
    Files.writeString(file, "model_name_or_path: m\nstage: dpo\ndataset: d\n");
    Dmt.run("recipe", "import", file).fails(ExitCode.USAGE, "stage: dpo is no supervised");
    Files.writeString(file, "base_model: m\nadapter: llama-adapter\n");
    Dmt.run("recipe", "import", file)
        .fails(ExitCode.USAGE, "adapter: llama-adapter trains a part of the weights");
    Files.writeString(file, "base_model: m\nrl: dpo\n");
    Dmt.run("recipe", "import", file).fails(ExitCode.USAGE, "rl: dpo is no supervised");
    Files.writeString(file, "sources: {}\n");
    Dmt.run("recipe", "import", file).fails(ExitCode.USAGE, "is a recipe of dmt already");
    Files.writeString(file, "name: x\n");
    Dmt.run("recipe", "import", file).fails(ExitCode.USAGE, "no recipe of LLaMA-Factory, axolotl");
    Files.writeString(file, "base_model: m\nlearning_rate: fast\n");
    Dmt.run("recipe", "import", file)
        .fails(ExitCode.USAGE, "other.yaml: learning_rate is \"fast\", expected a number");
    Files.writeString(file, "base_model: [\n");
    Dmt.run("recipe", "import", file).fails(ExitCode.USAGE, "malformed YAML");
  }

  @Test
  void dataSetsThatCannotBeReadAreTold() throws IOException {
    Path file = folder.resolve("llama-factory/names.yaml");
    String head =
        "model_name_or_path: model\nfinetuning_type: full\nstage: sft\ntemplate: alpaca\n";
    Files.writeString(file, head + "dataset: summs\n");
    Dmt.run("recipe", "import", file).fails(ExitCode.USAGE, "dataset summs is not in", "sums?");
    Files.writeString(file, head + "dataset: preferences\n");
    Dmt.run("recipe", "import", file).fails(ExitCode.USAGE, "preferences (ranking)");
    Files.writeString(file, head + "dataset: remote\n");
    Dmt remote = Dmt.run("recipe", "import", file);
    remote.succeeds();
    assertTrue(
        remote.err().contains("somebody/some-data (dmt downloads nothing"), remote::toString);
  }
}
