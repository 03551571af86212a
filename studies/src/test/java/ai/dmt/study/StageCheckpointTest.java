package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stage that is stopped ends as one that is not. */
@Tag("native")
class StageCheckpointTest {
  private static final String CELL = "math only seed 11";

  @TempDir private Path root;
  private final List<String> log = new ArrayList<>();

  private StudyFolder folder(String name) {
    return new StudyFolder(root.resolve(name));
  }

  /** 42 steps. */
  private StudyRun run(StudyFolder folder) throws IOException {
    StudyDefinition tiny =
        StudyPresets.read(
            "tiny",
            List.of(
                "seeds=1",
                "world.scale=1/2000",
                "training.save_steps=21",
                "benchmarks.gsm8k.limit=1",
                "~benchmarks.humaneval",
                "~benchmarks.mtbench"));
    StudySetup setup = StudySetup.of(folder, StudyWorld.place(tiny, folder), 1);
    return new StudyRun(
        setup,
        folder,
        List.of(StudyQuestion.STRATEGIES),
        List.of(CELL),
        (benchmark, settings, model, target) -> "nothing",
        "test",
        log::add);
  }

  private static List<String> withoutTimes(Path metrics) throws IOException {
    return Files.readAllLines(metrics).stream()
        .map(
            line ->
                line.replaceAll(
                    "\"(step_ms|[a-z_]*tokens_per_s|resident_bytes)\":[0-9.Ee+-]+,?", ""))
        .toList();
  }

  private static void assertSame(StudyFolder one, StudyFolder other, String key)
      throws IOException {
    for (String file : List.of("model/model.safetensors", "held_out.json", "node.json")) {
      assertArrayEquals(
          Files.readAllBytes(one.node(key).resolve(file)),
          Files.readAllBytes(other.node(key).resolve(file)),
          file);
    }
    assertEquals(
        withoutTimes(one.node(key).resolve("metrics.jsonl")),
        withoutTimes(other.node(key).resolve("metrics.jsonl")));
  }

  @Test
  void aStageThatIsStoppedGoesOnFromItsCheckpoint() throws Exception {
    StudyFolder whole = folder("whole");
    String key;
    try (StudyRun run = run(whole)) {
      run.begin();
      key = run.plan().nodes().get(0).key();
      assertTrue(run.work(key));
    }
    StudyFolder stopped = folder("stopped");
    try (StudyRun run = run(stopped)) {
      run.begin();
      run.stop();
      assertThrows(InterruptedException.class, () -> run.work(key));
    }
    assertFalse(Files.exists(stopped.node(key)));
    assertFalse(Files.exists(stopped.failure(key)), "a stop is no failure");
    assertTrue(Files.exists(stopped.checkpoints(key).resolve("step-00000001")), log::toString);
    try (StudyRun run = run(stopped)) {
      run.begin();
      assertTrue(run.work(key));
    }
    assertTrue(log.get(log.size() - 1).contains("went on after step 1; 42 steps"), log::toString);
    assertFalse(Files.exists(stopped.checkpoints(key)), "the node is there, so it has no use");
    assertSame(whole, stopped, key);
  }
}
