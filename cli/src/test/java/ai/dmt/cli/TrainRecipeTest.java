package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole schedules from recipes: 18 samples of each source to train on, 2 held out. */
@Tag("native")
class TrainRecipeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path model;
  private Path output;
  private Path recipe;

  @BeforeEach
  void writeModelAndRecipe() throws IOException {
    recipe =
        TinyRecipe.write(
            folder,
            20,
            "data: {cutoff_len: 512, eval_fraction: 0.1}",
            "training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3}");
    model = folder.resolve("model");
    output = folder.resolve("out");
  }

  private List<JsonNode> metrics(String type) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.path("type").asText().equals(type)) {
        lines.add(node);
      }
    }
    return lines;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: individual, source: math} | 1 | 3",
        "{name: multi-task} | 1 | 9",
        "{name: sequential, order: [code, math, general]} | 3 | 9",
        "{name: mixed-sequential} | 2 | 9",
        "{name: dmt, k: 1/2} | 2 | 12"
      })
  void everyStrategyTrainsAllOfItsStages(String strategy, int stages, int steps)
      throws IOException {
    String out = Dmt.run("train", recipe, "--output", output, "strategy=" + strategy).succeeds();
    assertTrue(out.contains("held-out loss after"), out);
    assertTrue(out.contains("stage %s of %s".formatted(stages, stages)), out);

    List<JsonNode> lines = metrics("step");
    assertEquals(steps, lines.size());
    List<String> names =
        lines.stream().map(line -> line.path("stage").asText()).distinct().toList();
    assertEquals(stages, names.size(), names::toString);
    JsonNode last = lines.get(steps - 1);
    assertEquals(1.0, last.path("epoch").asDouble());
    assertTrue(last.path("sources").size() > 0, last::toString);

    List<JsonNode> evaluations = metrics("evaluation");
    assertEquals(1 + stages, evaluations.size());
    assertEquals(3, evaluations.get(stages).path("sources").size(), "each source is measured");

    for (int s = 0; s < stages; s++) {
      Path saved = output.resolve("stages").resolve((s + 1) + "-" + names.get(s));
      assertTrue(Files.exists(saved.resolve("config.json")), saved::toString);
    }
    Path lastStage = output.resolve("stages").resolve(stages + "-" + names.get(stages - 1));
    assertArrayEquals(
        Files.readAllBytes(lastStage.resolve("model.safetensors")),
        Files.readAllBytes(output.resolve("model.safetensors")));
    JsonNode ledger = JSON.readTree(output.resolve("ledger.json").toFile());
    assertEquals(names.get(0), ledger.at("/entries/0/stage").asText());
    Dmt.run("recipe", "validate", output.resolve("recipe.yaml")).succeeds();
  }

  @Test
  void savedRecipeGivesTheSameModelAgain() throws IOException {
    Dmt.run("train", recipe, "--output", output, "strategy={name: dmt, k: 1/2}").succeeds();
    Path again = folder.resolve("again");
    Dmt.run("train", output.resolve("recipe.yaml"), "--output", again).succeeds();
    assertArrayEquals(
        Files.readAllBytes(output.resolve("model.safetensors")),
        Files.readAllBytes(again.resolve("model.safetensors")));
    Dmt.run("train", recipe, "--output", again)
        .fails(ExitCode.USAGE, "already holds a model", "--overwrite");
  }

  @Test
  void overwritingClearsTheStagesOfTheOlderRun() throws IOException {
    Dmt.run("train", recipe, "--output", output, "strategy={name: mixed-sequential}").succeeds();
    Path first = output.resolve("stages/1-specialized");
    assertTrue(Files.isDirectory(first), first::toString);
    assertTrue(
        Files.isSameFile(
            output.resolve("stages/2-general/model.safetensors"),
            output.resolve("model.safetensors")));
    Dmt.run("train", recipe, "--output", output, "--overwrite", "model=" + first)
        .fails(ExitCode.USAGE, "holds the models of this run's stages; name another --output");
    Dmt.run("train", recipe, "--output", output, "--overwrite", "~sources.code").succeeds();
    assertFalse(Files.exists(first));
    assertFalse(Files.readString(output.resolve("recipe.yaml")).contains("code:"));
  }

  @Test
  void paperPackingReportsTheSameLossAndLearnsSomethingElse() throws IOException {
    List<JsonNode> first = new ArrayList<>();
    for (String packing : List.of("best_fit", "none", "paper")) {
      Dmt.run(
              "train",
              recipe,
              "--output",
              output,
              "--overwrite",
              "training.packing=" + packing,
              "training.per_device_train_batch_size=2")
          .succeeds();
      first.add(metrics("step").get(0));
    }
    double loss = first.get(0).path("loss").asDouble();
    double norm = first.get(0).path("grad_norm").asDouble();
    assertEquals(loss, first.get(1).path("loss").asDouble(), 1e-5);
    assertEquals(norm, first.get(1).path("grad_norm").asDouble(), 1e-5 * norm);
    assertEquals(loss, first.get(2).path("loss").asDouble(), 1e-5);
    assertNotEquals(norm, first.get(2).path("grad_norm").asDouble(), 1e-3 * norm);
    Dmt.run("train", recipe, "--output", output, "--overwrite", "training.packing=paper")
        .fails(ExitCode.USAGE, "packing paper needs per_device_train_batch_size");
  }

  @Test
  void dryRunPrintsThePlanWithTokensAndWritesNothing() {
    String out = Dmt.run("train", recipe, "--output", output, "--dry-run").succeeds();
    assertTrue(out.contains("9 steps of 6 samples"), out);
    assertFalse(out.contains(" ? "), out);
    assertFalse(Files.exists(output));
  }

  @Test
  void allFaultsOfARecipeAreReportedTogether() {
    Dmt.run(
            "train",
            recipe,
            "--output",
            output,
            "model=/no/such",
            "sources.math.files=[none.jsonl]",
            "strategy={name: dmt}")
        .fails(
            ExitCode.USAGE, "there is no model folder", "source math: none.jsonl", "dmt needs k");
    Dmt.run("train", recipe, "--output", output, "data.cutoff_len=4096")
        .fails(ExitCode.USAGE, "data.cutoff_len=4096 must be at most 512");
    Dmt.run("train", recipe).fails(ExitCode.USAGE, "output_dir is not set; give --output DIR");
    Dmt.run("train", recipe, "--model", model).fails(ExitCode.USAGE, "leave out --model");
  }
}
