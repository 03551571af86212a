package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.Recompute;
import ai.dmt.internal.text.Units;
import ai.dmt.plan.ModelPreset;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code dmt plan} and {@code dmt recipe}. */
class PlanCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private Path recipe(String... lines) throws IOException {
    return Files.writeString(folder.resolve("r.yaml"), String.join("\n", lines) + "\n");
  }

  /** Steps that follow from the rows of the paper's data, 128 of them a step, three epochs. */
  @ParameterizedTest(name = "{0}: {1} steps")
  @CsvSource({
    "7b-math, 2583",
    "7b-code, 471",
    "7b-general, 2019",
    "7b-multi-task, 5070",
    "7b-sequential, 471 2583 2019",
    "7b-mixed-sequential, 3051 2019",
    "13b-dmt-0, 3051 2019",
    "33b-dmt-1_256, 3051 2031"
  })
  void presetsHaveTheStepsOfThePaper(String preset, String steps) throws IOException {
    JsonNode plan = JSON.readTree(Dmt.run("plan", preset, "--json").succeeds());
    List<String> found = new ArrayList<>();
    plan.path("stages").forEach(stage -> found.add(stage.path("steps").asText()));
    assertEquals(List.of(steps.split(" ")), found);
  }

  @Test
  void aTwoHundredFiftySixthReplays508Rows() throws IOException {
    JsonNode plan = JSON.readTree(Dmt.run("plan", "7b-dmt-1_256", "--json").succeeds());
    assertEquals(0, plan.at("/stages/0/replayed").asLong());
    assertEquals(508, plan.at("/stages/1/replayed").asLong());
    String table = Dmt.run("plan", "7b-dmt-1_256").succeeds();
    assertTrue(table.startsWith("7b-dmt-1_256: 2 stages, 5,082 steps of 128 samples"), table);
  }

  @Test
  void overridesChangeThePlan() {
    String table = Dmt.run("plan", "7b-math", "training.num_train_epochs=1").succeeds();
    assertTrue(table.startsWith("7b-math: 1 stages, 861 steps"), table);
  }

  /** Sixteen bytes of each of 32.5 billion parameters, and eight of them. */
  @Test
  void aMachineHasMemoryTimeAndPrice() throws IOException {
    Object[] words = {
      "plan",
      "33b-dmt-1_256",
      "--gpus",
      "8",
      "--gpu",
      "h100-80gb",
      "--shape",
      "33b",
      "--tokens-per-sample",
      "400",
      "--price",
      "2"
    };
    String text = Dmt.run(words).succeeds();
    assertTrue(text.startsWith("33b-dmt-1_256: 2 stages, 5,082 steps"), text);
    assertTrue(text.contains("on         8 x h100-80gb"), text);
    assertTrue(text.contains("predicted, not measured"), text);
    assertTrue(text.contains("at 2.00 an hour"), text);
    List<Object> asJson = new ArrayList<>(List.of(words));
    asJson.add("--json");
    JsonNode plan = JSON.readTree(Dmt.run(asJson.toArray()).succeeds());
    assertFalse(plan.path("measured").asBoolean());
    assertEquals(
        plan.path("seconds").asDouble() / 3600 * 8, plan.path("gpu_hours").asDouble(), 0.01);
    assertEquals(2 * plan.path("gpu_hours").asDouble(), plan.path("cost").asDouble(), 1e-6);
    assertTrue(
        plan.at("/chosen/memory_bytes/total").asLong()
            <= plan.at("/chosen/available_bytes").asLong());
  }

  /** Every command of the page, a block of bash, prints the block that stands below it. */
  @Test
  void thePageShowsWhatItsCommandsPrint() throws IOException {
    String page = Files.readString(Path.of("../docs/plan.md"));
    Matcher shown =
        Pattern.compile("```bash\n\\./dmt (plan [^`]*?)\n```\n\n```\n([^`]*)```").matcher(page);
    int commands = 0;
    while (shown.find()) {
      Object[] words = shown.group(1).replace("\\\n", " ").trim().split("\\s+");
      String printed = Dmt.run(words).succeeds();
      assertTrue(printed.contains(shown.group(2)), printed);
      commands++;
    }
    assertEquals(3, commands);
  }

  /** GB of 10^9 bytes: activations and sum, beside all matrices and beside queries and values. */
  @Test
  void thePageShowsWhatEachLevelHolds() throws IOException {
    String page = Files.readString(Path.of("../docs/plan.md"));
    ModelConfig model = ModelPreset.parse("7b").model(4096);
    for (Recompute level : Recompute.values()) {
      StringBuilder row = new StringBuilder("| `" + level.text() + "` |");
      for (AdapterConfig adapter :
          List.of(
              AdapterConfig.lora(16, 32),
              AdapterConfig.lora(16, 32, AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ))) {
        MemoryAccount account =
            MemoryAccount.planned(
                model,
                EngineConfig.defaults()
                    .withDevice(new DeviceConfig(Device.CUDA, 0))
                    .withComputeDType(DType.BFLOAT16)
                    .withAdapter(adapter)
                    .withBaseWeights(BaseWeights.NF4)
                    .withRecompute(level),
                4096);
        row.append(
            Units.format(" %.2f | %.2f |", account.activationsPeak() / 1e9, account.total() / 1e9));
      }
      assertTrue(page.contains("\n" + row + "\n"), row::toString);
    }
  }

  private static JsonNode row(JsonNode table, String model, String way) {
    for (JsonNode row : table.path("ways")) {
      if (row.path("model").asText().equals(model) && row.path("way").asText().equals(way)) {
        return row;
      }
    }
    throw new AssertionError(model + " " + way + " in " + table);
  }

  @Test
  void waysToTrainAreComparedByMemoryAndTime() throws IOException {
    JsonNode table =
        JSON.readTree(
            Dmt.run(
                    "plan",
                    "7b-math",
                    "--compare",
                    "--shape",
                    "7b,13b,33b,65b",
                    "--gpu",
                    "h100-80gb",
                    "--json")
                .succeeds());
    assertEquals(12, table.path("ways").size());
    for (JsonNode row : table.path("ways")) {
      JsonNode memory = row.path("memory_bytes");
      long sum = 0;
      for (JsonNode part : memory) {
        sum += part.asLong();
      }
      assertEquals(2 * memory.path("total").asLong(), sum, row::toString);
      assertEquals(
          memory.path("total").asLong() <= row.path("available_bytes").asLong(),
          row.path("fits").asBoolean());
    }
    assertTrue(row(table, "7b", "full").path("rounds").asBoolean()); // moments in bfloat16
    assertFalse(row(table, "13b", "full").path("fits").asBoolean());
    assertFalse(row(table, "7b", "lora").path("rounds").asBoolean());
    assertTrue(row(table, "7b", "lora").path("fits").asBoolean());
    assertFalse(row(table, "65b", "lora").path("fits").asBoolean());
    JsonNode large = row(table, "65b", "qlora");
    assertTrue(large.path("fits").asBoolean());
    assertEquals("16", large.at("/settings/adapter.rank").asText());
    assertEquals("nf4", large.at("/settings/adapter.base_weights").asText());
  }

  /** What a comparison says to ask for is a recipe that plans to what the comparison says. */
  @Test
  void theWordsOfAComparisonAskForIt() throws IOException {
    List<Object> common = List.of("--shape", "7b", "--gpu", "rtx4090-24gb", "--json");
    List<Object> words = new ArrayList<>(List.of("plan", "7b-math", "--compare"));
    words.addAll(common);
    JsonNode row = row(JSON.readTree(Dmt.run(words.toArray()).succeeds()), "7b", "qlora");
    List<Object> asked = new ArrayList<>(List.of("plan", "7b-math"));
    for (var each : row.path("settings").properties()) {
      asked.add(each.getKey() + "=" + each.getValue().asText());
    }
    asked.addAll(common);
    JsonNode plan = JSON.readTree(Dmt.run(asked.toArray()).succeeds());
    assertEquals(row.path("memory_bytes"), plan.at("/as_written/memory_bytes"));
    assertEquals(row.path("trained_parameters").asLong(), plan.at("/adapter/parameters").asLong());
  }

  @Test
  void aPlanTellsItsAdapter() {
    String text =
        Dmt.run(
                "plan",
                "7b-math",
                "adapter.rank=16",
                "adapter.base_weights=int8",
                "--shape",
                "7b",
                "--gpus",
                2)
            .succeeds();
    assertTrue(
        text.contains(
            "\nadapter    40.0 M parameters, 0.59 % of the model's; weights that are not trained in"
                + " int8\n"),
        text);
    assertTrue(text.contains("(76.3 MB of them the adapter's)"), text);
  }

  @Test
  void thisMachineIsPlannedForWithTheMemoryThatItHasOrIsSaidToHave() {
    Object[] words = {"plan", "7b-math", "--compare", "--shape", "tiny", "--gpu", "cpu"};
    String text = Dmt.run(words).succeeds();
    assertTrue(text.startsWith("1 x cpu, of which each has "), text);
    List<Object> less = new ArrayList<>(List.of(words));
    less.addAll(List.of("--memory", "0.8"));
    String small = Dmt.run(less.toArray()).succeeds();
    assertTrue(small.contains("of which each has 95.4 MB beside 667.6 MB"), small);
    assertTrue(small.contains("does not fit"), small);
  }

  @Test
  void autoIsPlannedAndWrittenAsANumber() throws IOException {
    Path file = folder.resolve("number.yaml");
    String text =
        Dmt.run(
                "plan",
                "7b-math",
                "training.max_tokens_per_micro_batch=auto",
                "training.packing=best_fit",
                "--gpus",
                8,
                "--gpu",
                "h200",
                "--shape",
                "7b",
                "--auto",
                file)
            .succeeds();
    assertTrue(text.contains("as written a step takes"), text);
    assertTrue(Files.readString(file).matches("(?s).*max_tokens_per_micro_batch: \\d{4,}\n.*"));
    String explained = Dmt.run("recipe", "explain", "max_tokens_per_micro_batch").succeeds();
    assertTrue(explained.contains("type: a whole number, or auto"), explained);
    assertTrue(explained.contains("range: [1, inf)"), explained);
  }

  @Test
  void theChosenSettingsAreWrittenAsARecipe() throws IOException {
    Path file = folder.resolve("auto.yaml");
    Dmt.run("plan", "33b-dmt-1_256", "--gpus", 8, "--gpu", "h200", "--shape", "33b", "--auto", file)
        .succeeds();
    String recipe = Files.readString(file);
    assertTrue(recipe.contains("device: cuda"), recipe);
    Dmt.run("recipe", "validate", file).succeeds();
    Dmt.run("plan", file, "--gpu", "h200", "--gpus", 8, "--shape", "33b", "--auto", file)
        .fails(ExitCode.USAGE, "is there already");
  }

  @Test
  void aSlowNetworkIsLeftToReplicas() {
    Object[] words = {"plan", "33b-dmt-1_256", "--gpus", 32, "--shape", "33b", "--network", 50.0};
    String fast = Dmt.run(words).succeeds();
    assertTrue(fast.contains("32 x h100-80gb, 8 in a node, each with 50.0 GB/s to others\n"), fast);
    assertFalse(fast.matches("(?s).*\nsettings +[^\n]*sharding=hybrid.*"), fast);
    words[words.length - 1] = 1.5;
    String slow = Dmt.run(words).succeeds();
    assertTrue(slow.contains("each with 1.5 GB/s to others\n"), slow);
    assertTrue(slow.matches("(?s).*\nsettings +[^\n]*sharding=hybrid.*"), slow);
  }

  @Test
  void whatCannotBePlannedIsSaid() {
    Dmt.run("plan", "7b-math", "--gpu", "h1000", "--shape", "7b")
        .fails(ExitCode.USAGE, "no GPU is named \"h1000\"", "h100-80gb");
    Dmt.run("plan", "7b-math", "--gpu", "h100-80gb").fails(ExitCode.USAGE, "--shape");
    Dmt.run("plan", "7b-math", "--gpus", 0, "--shape", "7b").fails(ExitCode.USAGE, "got 0");
    Dmt.run("plan", "33b-math", "--gpus", 1, "--gpu", "a100-40gb", "--shape", "33b")
        .fails(
            ExitCode.USAGE,
            "33b-math does not fit 1 x a100-40gb",
            "it fits 16 x a100-40gb",
            "; qlora fits 1 x");
    Dmt.run("plan", "7b-math", "--gpu", "h100-80gb", "--calibrate", "--shape", "7b")
        .fails(ExitCode.USAGE, "--gpu cpu");
    Dmt.run("plan", "7b-math", "--gpus", 8, "--price", -1, "--gpus-per-node", 0, "--shape", "7b")
        .fails(ExitCode.USAGE, "--price", "--gpus-per-node");
    Dmt.run("plan", "7b-math", "--gpu", "h200", "--shape", "7b,13b")
        .fails(ExitCode.USAGE, "--shape names several models, [7b, 13b]", "--compare");
    Dmt.run("plan", "7b-math", "--compare", "--shape", "7b", "--auto", folder.resolve("a.yaml"))
        .fails(ExitCode.USAGE, "--compare writes no recipe");
    Dmt.run("plan", "7b-math", "--memory", "0", "--shape", "7b")
        .fails(ExitCode.USAGE, "--memory must be positive and finite, got 0.0");
    Dmt.run("plan", "7b-math", "--gpus", 16, "--shape", "7b", "--network", "NaN")
        .fails(ExitCode.USAGE, "--network must be positive and finite, got NaN");
    Dmt.run("plan", "7b-math", "--gpus", 2, "--shape", "7b", "--network", 5, "--gpu", "cpu")
        .fails(ExitCode.USAGE, "--network is between nodes of GPUs");
    for (String length : List.of("NaN", "0", "2049")) {
      Dmt.run("plan", "7b-math", "--gpus", 8, "--shape", "7b", "--tokens-per-sample", length)
          .fails(ExitCode.USAGE, "--tokens-per-sample must be in [1, 2048], cutoff_len");
    }
    Dmt.run("plan", "7b-math", "--gpus", 8, "--shape", "7b", "--samples")
        .fails(ExitCode.USAGE, "exclude each other");
    Dmt.run("plan", "7b-math", "--gpus", 8, "--shape", "7b", "--auto", folder)
        .fails(ExitCode.USAGE, "--auto", "is there already");
  }

  @Test
  void recipeThatWasCopiedPlansAsItsPreset() throws IOException {
    Path file = folder.resolve("r.yaml");
    Dmt.run("recipe", "cp", "7b-sequential", file).succeeds();
    assertEquals(
        Dmt.run("plan", "7b-sequential").succeeds(), Dmt.run("plan", file.toString()).succeeds());
    assertEquals(Dmt.run("recipe", "show", "7b-sequential").succeeds(), Files.readString(file));
    Dmt.run("recipe", "cp", "7b-math", file)
        .fails(ExitCode.USAGE, "is there already", "--overwrite");
    Dmt.run("recipe", "cp", "7b-math", file, "--overwrite").succeeds();
    Dmt.run("recipe", "validate", file).succeeds();
    assertTrue(Files.readString(file).contains("name: 7b-math"), file::toString);
  }

  @Test
  void allMisspeltKeysAreToldWithLineAndNearestName() throws IOException {
    Path file =
        recipe(
            "name: x",
            "sources:",
            "  a: {role: general, samples: 3, fromat: alpaca}",
            "training:",
            "  lerning_rate: 1e-5");
    for (List<Object> command :
        List.<List<Object>>of(List.of("plan", file), List.of("recipe", "validate", file))) {
      Dmt.run(command.toArray())
          .fails(ExitCode.USAGE, "r.yaml:3", "fromat", "format", "r.yaml:5", "learning_rate");
    }
    Dmt.run("plan", "7b-math", "training.lerning_rate=1")
        .fails(ExitCode.USAGE, "lerning_rate", "learning_rate");
  }

  @ParameterizedTest
  @CsvSource({"-0.5", "1.5", ".nan", "2/1"})
  void shareOutOfRangeIsRefused(String k) {
    for (List<Object> command :
        List.<List<Object>>of(List.of("plan"), List.of("recipe", "validate"))) {
      List<Object> words = new ArrayList<>(command);
      words.addAll(List.of("7b-dmt-1_4", "strategy.k=" + k));
      Dmt.run(words.toArray()).fails(ExitCode.USAGE, "k must be in [0, 1]");
    }
  }

  @Test
  void controlThatHasNothingToDecideAboutIsRefusedAsByARun() {
    for (String control : List.of("replay_selection: loss", "replay: adaptive")) {
      String words = "control={%s}".formatted(control);
      Dmt.run("plan", "7b-math", words, "training.eval_steps=10")
          .fails(ExitCode.USAGE, "control." + control.replace(": ", "=") + ": no stage replays");
      Dmt.run("plan", "7b-dmt-1_256", words, "training.eval_steps=10").succeeds();
    }
  }

  @Test
  void validateTellsWhatIsWrongOfStrategyTemplateAndFormatTogether() throws IOException {
    Path file =
        recipe(
            "sources:",
            "  a: {role: general, format: alpacca, files: [a.json]}",
            "strategy: {name: dtm}",
            "data: {template: vicunna}");
    Dmt.run("recipe", "validate", file)
        .fails(
            ExitCode.USAGE,
            "r.yaml:2: sources.a.format: \"alpacca\"",
            "did you mean alpaca?",
            "r.yaml:3: strategy.name: \"dtm\"",
            "did you mean dmt?",
            "r.yaml:4: data.template: \"vicunna\"");
  }

  /** By the sizes that the recipe states, and by the data that is read for a machine. */
  @Test
  void whatIsHeldOutIsNotPlannedWithAMachineOrWithout() throws IOException {
    Path data = folder.resolve("a.jsonl");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 250; i++) {
      rows.append("{\"question\": \"%s?\", \"answer\": \"%s\"}\n".formatted(i, i + 1));
    }
    Files.writeString(data, rows);
    Path file =
        recipe(
            "model: " + TinyModel.write(folder.resolve("model")),
            "sources:",
            "  a: {role: general, files: [%s], samples: 250}".formatted(data),
            "data: {cutoff_len: 128, eval_fraction: 0.02}",
            "training: {num_train_epochs: 1, global_train_batch_size: 5}");
    String stated = Dmt.run("plan", file).succeeds();
    assertTrue(stated.contains("1 stages, 49 steps"), stated); // of 245 samples
    String read = Dmt.run("plan", file, "--gpu", "cpu", "--no-cache").succeeds();
    assertEquals(stated.lines().findFirst(), read.lines().findFirst());
  }

  @Test
  void recipeWithoutSizesIsToldToReadItsData() throws IOException {
    Path file = recipe("sources:", "  a: {role: general, files: [a.json]}");
    Dmt.run("recipe", "validate", file).succeeds();
    Dmt.run("plan", file).fails(ExitCode.USAGE, "sources.a.samples is not stated");
  }

  @Test
  void unknownRecipeIsGuessed() {
    Dmt.run("plan", "7b-maths").fails(ExitCode.USAGE, "did you mean 7b-math?", "dmt recipe ls");
    Dmt.run("plan", "no/such.yaml").fails(ExitCode.USAGE, "no/such.yaml: no such recipe");
    Dmt.run("recipe").fails(ExitCode.USAGE, "ls, cp, show, validate, schema, explain or import");
  }

  @Test
  void presetsAreListedAndTheSchemaIsJson() throws IOException {
    String list = Dmt.run("recipe", "ls").succeeds();
    assertTrue(list.lines().anyMatch(line -> line.startsWith("13b-dmt-1_64 ")), list);
    assertEquals(ai.dmt.strategies.Presets.names().size(), list.lines().count());
    JsonNode schema = JSON.readTree(Dmt.run("recipe", "schema").succeeds());
    assertFalse(schema.at("/properties/training").isMissingNode(), schema::toString);
    assertTrue(
        schema.at("/properties/strategy/properties/name/enum").toString().contains("\"dmt\""));
  }
}
