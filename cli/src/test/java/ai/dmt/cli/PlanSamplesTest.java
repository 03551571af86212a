package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which samples form which step, from a recipe and its data. */
@Tag("native")
class PlanSamplesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path recipe;

  /** 23, 31 and 40 samples of different lengths; DMT with two stages of two epochs. */
  @BeforeEach
  void writeModelAndRecipe() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    List<String> lines = new ArrayList<>(List.of("model: " + model, "sources:"));
    List<String> names = List.of("code", "math", "general");
    for (int s = 0; s < 3; s++) {
      StringBuilder records = new StringBuilder();
      for (int i = 0; i < List.of(23, 31, 40).get(s); i++) {
        records.append(
            "{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n"
                .formatted(names.get(s), i, "so ".repeat(1 + i * 7 % 30)));
      }
      Path file = Files.writeString(folder.resolve(names.get(s) + ".jsonl"), records);
      String role = s == 2 ? "general" : "specialized";
      lines.add("  %s: {role: %s, files: [%s]}".formatted(names.get(s), role, file));
    }
    lines.add("strategy: {name: dmt, k: 1/4}");
    lines.add("data: {cutoff_len: 512}");
    lines.add("training: {num_train_epochs: 2, global_train_batch_size: 9}");
    recipe = Files.write(folder.resolve("r.yaml"), lines);
  }

  @Test
  void autoIsWhatARunHereWouldTake() throws IOException {
    List<JsonNode> lines =
        list("training.max_tokens_per_micro_batch=auto", "--steps", 1, "--world-size", 2);
    assertEquals(2, lines.get(0).path("ranks").size());
    assertTrue(lines.get(0).at("/ranks/0").size() >= 1);
  }

  private List<JsonNode> list(Object... more) throws IOException {
    List<Object> words = new ArrayList<>(List.of("plan", recipe, "--samples"));
    words.addAll(Arrays.asList(more));
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Dmt.run(words.toArray()).succeeds().split("\n")) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static List<String> ids(JsonNode line) {
    return texts(line.path("ids"));
  }

  @ParameterizedTest(name = "{0}, micro-batches of {1}")
  @CsvSource({"best_fit, 0", "none, 1", "none, 4", "paper, 1", "paper, 4"})
  void stepsHaveTheSameSamplesForAllWorldSizesAndMicroBatchSizes(String packing, int size)
      throws IOException {
    List<JsonNode> expected = list();
    assertEquals(2 * 6 + 2 * 6, expected.size());
    for (int worldSize : new int[] {1, 2, 3, 8}) {
      List<JsonNode> lines =
          list(
              "--world-size",
              worldSize,
              "training.packing=" + packing,
              "training.per_device_train_batch_size=" + size);
      assertEquals(expected.size(), lines.size());
      for (int step = 0; step < lines.size(); step++) {
        assertEquals(ids(expected.get(step)), ids(lines.get(step)));
        JsonNode ranks = lines.get(step).path("ranks");
        assertEquals(worldSize, ranks.size());
        List<String> together = new ArrayList<>();
        for (JsonNode rank : ranks) {
          for (JsonNode microBatch : rank) {
            assertTrue(size == 0 || microBatch.size() <= size, microBatch::toString);
            together.addAll(texts(microBatch));
          }
        }
        assertEquals(
            ids(expected.get(step)).stream().sorted().toList(),
            together.stream().sorted().toList(),
            "ranks together have the step");
      }
    }
  }

  @Test
  void anyStepIsTheSameWithoutThoseBefore() throws IOException {
    List<JsonNode> all = list();
    for (int first = 1; first <= all.size(); first++) {
      assertEquals(all.subList(first - 1, all.size()), list("--steps", first + ".."));
    }
    assertEquals(all.subList(3, 5), list("--steps", "4..5"));
    assertEquals(all.subList(6, 7), list("--steps", 7));
    assertEquals(all, list("--steps", "..24"));
  }

  @Test
  void trainingTakesTheseSteps() throws IOException {
    List<JsonNode> planned = list();
    Path output = folder.resolve("out");
    Dmt.run("train", recipe, "--output", output).succeeds();
    List<JsonNode> trained = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      trained.add(JSON.readTree(line));
    }
    trained.removeIf(line -> !line.path("type").asText().equals("step"));
    assertEquals(planned.size(), trained.size());
    for (int step = 0; step < planned.size(); step++) {
      for (String field : List.of("step", "stage", "label_tokens")) {
        assertEquals(planned.get(step).path(field), trained.get(step).path(field), field);
      }
    }
  }

  @Test
  void wrongStepsAreRefused() {
    for (String steps : List.of("0..3", "5..4", "..", "x", "")) {
      Dmt.run("plan", recipe, "--samples", "--steps", steps).fails(ExitCode.USAGE, "steps must be");
    }
    Dmt.run("plan", recipe, "--samples", "--steps", "25..")
        .fails(ExitCode.USAGE, "the run has 24 steps, there is no step 25");
    Dmt.run("plan", recipe, "--samples", "--world-size", "-1").fails(ExitCode.USAGE, "1 or more");
    Dmt.run("plan", recipe, "--steps", "1..2").fails(ExitCode.USAGE, "--samples");
  }
}
