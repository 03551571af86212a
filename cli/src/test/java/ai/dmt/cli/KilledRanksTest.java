package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of two ranks with a checkpoint after every step, killed again and again: no checkpoint is
 * lost, none is wrong, nothing hangs. {@code -Ddmt.kills=50} kills 50 times in each way; what
 * happened is printed.
 */
@Tag("multirank")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class KilledRanksTest {
  private static final int KILLS = Integer.getInteger("dmt.kills", 1);

  /** A rank that lost another one says so, and the launcher waits for it. */
  private static final int SECONDS_TO_END = 60;

  private enum Way {
    ONE_RANK,
    ALL_RANKS,
    WHILE_A_CHECKPOINT_IS_WRITTEN
  }

  @TempDir private Path folder;
  private final Random random = new Random(7);
  private Path model;
  private Path data;
  private CheckpointFolder checkpoints;
  private RankRun run; // null until it starts
  private List<JsonNode> expected;
  private byte[] expectedModel;
  private int finished;

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      String question = "%s + ".formatted(i).repeat(12);
      lines.append("{\"question\": \"%s?\", \"answer\": \"%s\"}\n".formatted(question, i * i));
    }
    data = Files.writeString(folder.resolve("d.jsonl"), lines);
    checkpoints = CheckpointFolder.of(folder.resolve("killed"));
  }

  @AfterEach
  void endProcesses() {
    if (run != null) {
      run.close();
    }
  }

  private void start(String output, String... more) throws IOException {
    List<String> settings =
        new ArrayList<>(List.of("num_train_epochs=8", "logging_steps=1000", "eval_fraction=0"));
    settings.addAll(List.of(more));
    List<String> train = RankRun.training(model, data, folder.resolve(output), settings);
    List<String> options = List.of("--nproc=2", "--log-dir=" + folder.resolve("logs"));
    run = RankRun.start(folder.resolve("log"), RankRun.launch(options, train));
  }

  private List<JsonNode> metrics(String output) throws IOException {
    return MetricsLines.read(folder.resolve(output));
  }

  private long newest() throws IOException {
    List<Long> steps = checkpoints.steps();
    return steps.isEmpty() ? 0 : steps.get(0);
  }

  private boolean writes() throws IOException {
    if (!Files.isDirectory(checkpoints.root())) {
      return false;
    }
    try (Stream<Path> entries = Files.list(checkpoints.root())) {
      return entries.anyMatch(entry -> entry.toString().endsWith(".saving"));
    }
  }

  /** Whether the moment has come to kill; false if the run ended before. */
  private boolean awaitMoment(Way way, long before) throws Exception {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(700));
    while (run.process().isAlive()) {
      boolean late = System.nanoTime() > until && newest() > before;
      if (late && (way != Way.WHILE_A_CHECKPOINT_IS_WRITTEN || writes())) {
        return true;
      }
      Thread.sleep(1);
    }
    return false;
  }

  private void kill(Way way) throws Exception {
    List<ProcessHandle> ranks = run.process().children().toList();
    if (way == Way.ONE_RANK) {
      ranks.get(random.nextInt(ranks.size())).destroyForcibly();
      assertNotEquals(0, run.exitCode(SECONDS_TO_END), run.log());
    } else {
      run.close();
      run.process().waitFor();
    }
    for (ProcessHandle rank : ranks) {
      rank.onExit().get(SECONDS_TO_END, TimeUnit.SECONDS);
    }
  }

  /** All that have a name are whole, and at least as new as those that were seen before. */
  private void checkCheckpoints(long seen, Way way) throws IOException {
    assertTrue(newest() >= seen, "%s: step %s was lost".formatted(way, seen));
    for (long step : checkpoints.steps()) {
      try {
        assertEquals(List.of(), Checkpoint.open(checkpoints.of(step)).faults());
      } catch (CheckpointException e) {
        throw new AssertionError(way + ": " + e.getMessage(), e);
      }
    }
  }

  private void checkLosses() throws IOException {
    List<JsonNode> actual = metrics("killed");
    for (int s = 0; s < actual.size() - 1; s++) { // the last line may have been cut
      for (String field : List.of("step", "loss", "grad_norm")) {
        assertEquals(expected.get(s).path(field), actual.get(s).path(field), field);
      }
    }
  }

  private void checkFinished() throws Exception {
    assertEquals(0, run.exitCode(300), run.log());
    assertEquals(expected.size(), metrics("killed").size());
    assertArrayEquals(
        expectedModel, Files.readAllBytes(folder.resolve("killed/model.safetensors")));
    finished++;
    checkpoints.clear(); // begin again
  }

  @Test
  void noKillCostsACheckpoint() throws Exception {
    start("whole", "save_steps=0");
    assertEquals(0, run.exitCode(300), run.log());
    expected = metrics("whole");
    expectedModel = Files.readAllBytes(folder.resolve("whole/model.safetensors"));
    int[] kills = new int[Way.values().length];
    long begin = System.nanoTime();
    for (int i = 0; kills[i % kills.length] < KILLS; ) {
      Way way = Way.values()[i % kills.length];
      long before = newest();
      start("killed", "--resume", "auto", "save_steps=1");
      if (!awaitMoment(way, before)) {
        checkFinished();
        continue;
      }
      long seen = newest();
      kill(way);
      checkCheckpoints(seen, way);
      checkLosses();
      if (before > 0) {
        assertTrue(run.log().contains("going on after step " + before + " of"), run.log());
      }
      kills[i % kills.length]++;
      i++;
    }
    start("killed", "--resume", "auto", "save_steps=1");
    checkFinished();
    System.out.printf(
        "%s kills in each of %s ways, %s runs to the end, in %s s%n",
        KILLS, kills.length, finished, (System.nanoTime() - begin) / 1_000_000_000);
  }
}
