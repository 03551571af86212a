package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt reproduce} in processes of its own, on a two-thousandth of the paper's rows. */
@Tag("native")
@Timeout(600)
class ReproduceCommandTest {
  private static final List<String> REDUCED =
      List.of(
          "--seeds=1",
          "world.scale=1/2000",
          "amounts=[1]",
          "ratios=[1]",
          "matched=false",
          "equal_amounts=[]",
          "sizes={models: {1m: 1m, 0.3m: 0.3m}, amounts: [1], share: 1}",
          "dmt_k=[0, 1/16]",
          "training.num_train_epochs=1",
          "benchmarks.gsm8k.limit=4",
          "benchmarks.gsm8k.max_new_tokens=24",
          "benchmarks.humaneval.limit=1",
          "benchmarks.humaneval.max_new_tokens=24",
          "benchmarks.mtbench.limit=4",
          "benchmarks.mtbench.max_new_tokens=24");

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private StudyProcesses processes;

  @BeforeEach
  void beginLog() {
    processes = new StudyProcesses(folder);
  }

  @AfterEach
  void endProcesses() {
    processes.close();
  }

  private Process start(Path output) throws IOException {
    List<Object> words = new ArrayList<>(List.of("reproduce", "--output", output));
    words.addAll(REDUCED);
    return processes.start(words);
  }

  private static int evaluations(Path output) throws IOException {
    if (!Files.exists(output.resolve("evaluations"))) {
      return 0;
    }
    try (Stream<Path> files = Files.list(output.resolve("evaluations"))) {
      return (int) files.filter(file -> Files.exists(file.resolve("report.json"))).count();
    }
  }

  @Test
  void oneCommandLeadsToTheReportThoughItIsKilledOnTheWay() throws Exception {
    Path killed = folder.resolve("killed");
    Process first = start(killed);
    processes.waitFor(first, () -> evaluations(killed), 3);
    first.destroyForcibly().waitFor();
    assertFalse(Files.exists(killed.resolve("report.html")));
    processes.ends(start(killed), ExitCode.OK);
    String log = processes.log();
    assertTrue(log.contains("report: " + killed.resolve("report.html")), log);
    assertTrue(Files.size(killed.resolve("report.html")) > 0);

    Path whole = folder.resolve("whole");
    processes.ends(start(whole), ExitCode.OK);
    String results = Files.readString(whole.resolve("results.json"));
    assertEquals(results, Files.readString(killed.resolve("results.json")));
    JsonNode cells = JSON.readTree(results).path("cells");
    assertTrue(cells.size() >= 12, () -> "cells: " + cells.size());
    for (JsonNode cell : cells) {
      boolean ofOneSource = cell.path("id").asText().contains("amount ");
      if (!ofOneSource || cell.path("setup").asText().equals("math")) {
        assertEquals(4, cell.at("/scores/gsm8k/0/total").asInt(), cell::toString);
      }
      if (!ofOneSource || cell.path("setup").asText().equals("general")) {
        assertTrue(cell.at("/scores/mtbench/0/score").asDouble() >= 1, cell::toString);
      }
    }
    String sized = "size 0.3m dmt k=1/16 seed 11"; // its base model is not the study's own
    retrains(
        whole,
        StreamSupport.stream(cells.spliterator(), false)
            .filter(cell -> cell.path("id").asText().equals(sized))
            .findFirst()
            .orElseThrow());
  }

  /** A stranger's check: the cell's recipe alone gives the model that was scored. */
  private void retrains(Path study, JsonNode cell) throws IOException {
    Path alone = folder.resolve("alone");
    Dmt.run("train", study.resolve(cell.path("recipe").asText()), "--output", alone).succeeds();
    JsonNode stages = cell.path("stages");
    String node = stages.get(stages.size() - 1).path("node").asText();
    assertArrayEquals(
        Files.readAllBytes(study.resolve("nodes/%s/model/model.safetensors".formatted(node))),
        Files.readAllBytes(alone.resolve("model.safetensors")));
  }

  @Test
  void theWorldOfAFolderIsNoOthers() throws IOException {
    Path output = folder.resolve("out");
    List<Object> words = new ArrayList<>(List.of("study", "strategies", "--preset", "tiny"));
    words.addAll(List.of("--output", output, "--jobs", 1, "--only", "code only seed 11"));
    words.addAll(REDUCED);
    Dmt.run(words.toArray()).succeeds();
    words.add("world.seed=2");
    Dmt.run(words.toArray()).fails(ExitCode.USAGE, "study.world.seed: 1 there, 2 asked for");
    Dmt.run("study", "all", "--preset", "tiny", "world.test_part=train")
        .fails(ExitCode.USAGE, "test problems come from the part test or development");
  }
}
