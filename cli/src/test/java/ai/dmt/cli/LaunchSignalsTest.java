package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Signals to a launcher, to its ranks, and to the process group of them all. */
@Tag("multirank")
@Timeout(120)
class LaunchSignalsTest {
  @TempDir private Path folder;
  private Path output;
  private RankRun run;

  @BeforeEach
  void startRun() throws Exception {
    Path model = TinyModel.write(folder.resolve("model"));
    output = folder.resolve("out");
    List<String> train =
        RankRun.training(model, RankRun.writeData(folder), output, RankRun.ENDLESS);
    String logs = folder.resolve("logs").toString();
    run =
        RankRun.start(
            folder.resolve("log"), RankRun.launch(List.of("--nproc=2", "--log-dir", logs), train));
    run.waitForStep(output);
  }

  @AfterEach
  void endRun() {
    if (run != null) {
      run.close();
    }
  }

  private void assertStoppedAndSaved() throws Exception {
    assertEquals(ExitCode.INTERRUPTED, run.exitCode(), run.log());
    assertTrue(run.log().contains("stopping after this step, then saving"), run.log());
    assertTrue(run.log().contains("interrupted after "), run.log());
    assertFalse(run.log().contains("was ended by signal"), run.log());
    assertTrue(Files.exists(output.resolve("model.safetensors")), run.log());
  }

  @Test
  void anInterruptFromTheTerminalStopsAllRanksAndSaves() throws Exception {
    run.signalAll("INT");
    assertStoppedAndSaved();
  }

  @Test
  void terminationOfTheGroupStopsAllRanksAndSaves() throws Exception {
    run.signalAll("TERM"); // each rank gets it from here and from the launcher
    assertStoppedAndSaved();
  }

  @Test
  void terminationOfTheLauncherStopsAllRanksAndSaves() throws Exception {
    RankRun.signal("TERM", run.process().pid());
    assertStoppedAndSaved();
  }

  @Test
  void terminationOfOneRankStopsAllRanksAndSaves() throws Exception {
    RankRun.signal("TERM", run.rank(1).pid());
    assertEquals(ExitCode.INTERRUPTED, run.exitCode(), run.log());
    assertTrue(run.log().contains("interrupted after "), run.log());
    assertTrue(Files.exists(output.resolve("model.safetensors")), run.log());
  }

  @Test
  void aSecondInterruptQuitsUnsaved() throws Exception {
    ProcessHandle hanging = run.rank(1);
    ProcessHandle waiting = run.rank(0);
    RankRun.signal("STOP", hanging.pid()); // so that no step ends any more
    run.signalAll("INT");
    run.waitForLog("stopping after this step");
    assertFalse(run.process().waitFor(1, TimeUnit.SECONDS), "the first must not end it");
    run.signalAll("INT");
    assertEquals(ExitCode.INTERRUPTED, run.exitCode(20), run.log());
    hanging.onExit().get(20, TimeUnit.SECONDS);
    waiting.onExit().get(20, TimeUnit.SECONDS);
    assertFalse(Files.exists(output.resolve("model.safetensors")));
  }
}
