package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  /** The page's first command prints what the page shows. */
  @Test
  void thePageShowsWhatTheCommandPrints() throws IOException {
    String page = Files.readString(Path.of("../docs/plan.md"));
    int shown = page.indexOf("```\non ") + 4;
    String expected = page.substring(shown, page.indexOf("```", shown));
    String command = page.substring(page.indexOf("./dmt plan"), page.indexOf("\n```\n\n```"));
    Object[] words = command.substring("./dmt ".length()).split(" ");
    String printed = Dmt.run(words).succeeds();
    assertTrue(printed.contains(expected), printed);
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
        .fails(ExitCode.USAGE, "33b-math does not fit 1 x a100-40gb", "it fits 16 x a100-40gb");
    Dmt.run("plan", "7b-math", "--gpu", "h100-80gb", "--calibrate", "--shape", "7b")
        .fails(ExitCode.USAGE, "--gpu cpu");
    Dmt.run("plan", "7b-math", "--gpus", 8, "--price", -1, "--gpus-per-node", 0, "--shape", "7b")
        .fails(ExitCode.USAGE, "--price", "--gpus-per-node");
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
