package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.run.FineTuning;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small study that trains adapters, on the bundled model. */
@Tag("native")
class LoraRunTest {
  private static final String LORA = "lora r=8 sequential seed 12";

  private static final List<String> SMALL =
      List.of(
          "seeds=2",
          "world.scale=1/1000",
          "training.num_train_epochs=1",
          "lora.scored_seeds=1",
          "benchmarks.gsm8k.limit=2",
          "~benchmarks.humaneval",
          "~benchmarks.mtbench");

  @TempDir private Path folder;

  private static Study study(Path place, String... cells) {
    return Study.open(StudyPresets.read("tiny", SMALL), place)
        .withQuestions(List.of(StudyQuestion.LORA))
        .withCells(List.of(cells));
  }

  private static JsonNode cell(JsonNode results, String id) {
    for (JsonNode cell : results.path("cells")) {
      if (cell.path("id").asText().equals(id)) {
        return cell;
      }
    }
    throw new AssertionError("no cell " + id + " in " + results.path("cells"));
  }

  @Test
  void stagesTrainOneAdapterOnAsARunWould() throws Exception {
    String full = "lora full sequential seed 12";
    String scored = "lora r=2 amount math k=1/8 seed 11";
    Path place = folder.resolve("study");
    StudyRun.Outcome outcome = study(place, LORA, full, scored).run();
    assertEquals(List.of(), outcome.failed());

    JsonNode results = new ObjectMapper().readTree(place.resolve("results.json").toFile());
    assertEquals(3, results.at("/lora/ranks").size());
    JsonNode lora = cell(results, LORA);
    assertEquals(8, lora.path("lora_rank").asInt());
    assertEquals(0, cell(results, full).path("lora_rank").asInt());
    JsonNode last = lora.path("stages").path(2);
    double base = results.at("/base/held_out/general").asDouble();
    assertTrue(last.at("/held_out/general").asDouble() < base, "it learns: " + last);
    assertNotEquals(
        cell(results, full).at("/stages/2/held_out/general").asDouble(),
        last.at("/held_out/general").asDouble());
    assertTrue(cell(results, scored).at("/scores/gsm8k").isArray(), "an adapter is scored");

    StudyFolder study = new StudyFolder(place);
    Path model = study.node(last.path("node").asText()).resolve("model");
    assertTrue(AdapterFolder.isAdapter(model));
    assertFalse(Files.exists(model.resolve("model.safetensors")));
    assertEquals(List.of(), study.verify().changes());

    Path alone = folder.resolve("alone");
    Path recipe = place.resolve("cells/lora-r-8-sequential-seed-12/recipe.yaml");
    FineTuning.of(RecipeReader.read(recipe, List.of("output_dir=" + alone))).run();
    assertArrayEquals(
        Files.readAllBytes(alone.resolve(AdapterFolder.WEIGHTS)),
        Files.readAllBytes(model.resolve(AdapterFolder.WEIGHTS)),
        "dmt train makes the same adapter, bit for bit");

    // A folder that was moved goes on: an adapter names its base from where it is.
    Path moved = Files.move(place, folder.resolve("moved"));
    Path there = new StudyFolder(moved).node(last.path("node").asText()).resolve("model");
    assertEquals(
        moved.toRealPath().resolve("world/base"), AdapterFolder.read(there).base().toRealPath());
    String next = "lora r=8 amount code k=1/8 seed 12";
    assertEquals(List.of(), study(moved, next).run().failed());
  }
}
