package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.internal.text.HostName;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which ranks cannot meet or go on ends the run in bounded time, with its reason. */
@Tag("multirank")
@Timeout(120)
class LaunchFailuresTest {
  @TempDir private Path folder;
  private Path model;
  private Path data;
  private final List<RankRun> runs = new ArrayList<>();

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    data = RankRun.writeData(folder);
  }

  @AfterEach
  void endRuns() {
    runs.forEach(RankRun::close);
  }

  /** Starts a node whose ranks wait for each other for so many seconds. */
  private RankRun launch(int timeoutSeconds, String... options) throws IOException {
    List<String> train = RankRun.training(model, data, folder.resolve("out"), RankRun.ENDLESS);
    train.add("--rank-timeout=" + timeoutSeconds);
    String name = "node" + runs.size();
    List<String> launch = new ArrayList<>(Arrays.asList(options));
    launch.add("--log-dir=" + folder.resolve(name + "-logs"));
    RankRun run = RankRun.start(folder.resolve(name), RankRun.launch(launch, train));
    runs.add(run);
    return run;
  }

  private static void assertFails(RankRun run, String message) throws Exception {
    assertEquals(ExitCode.FAILED, run.exitCode(100), run.log());
    assertTrue(run.log().contains(message), () -> "no \"%s\" in %s".formatted(message, text(run)));
  }

  private static String text(RankRun run) {
    try {
      return run.log();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aRankThatHangsIsNamed(int rank) throws Exception {
    // More than rank 0 takes for the files of a run that begins, while others write to the disk.
    RankRun run = launch(12, "--nproc=2");
    run.waitForStep(folder.resolve("out"));
    long began = System.nanoTime();
    RankRun.signal("STOP", run.rank(rank).pid());
    assertFails(run, "dmt: rank %s still runs 10 s after that; it is ended now".formatted(rank));
    assertTrue(
        run.log().contains("dmt: rank " + (1 - rank) + " failed with exit code 1"), text(run));
    boolean ofRank0 = rank == 0; // which nobody can ask any more
    assertTrue(
        text(run)
            .contains(
                ofRank0
                    ? "does not answer any more: look at its output"
                    : "; not heard of for 4 s: rank 1 on " + HostName.own()),
        text(run));
    assertTrue(System.nanoTime() - began < 90e9, "12 s, last words, and 10 s of grace twice");
  }

  @Test
  void ranksThatDoNotComeAreNamed() throws Exception {
    String master = "127.0.0.1:" + RankEnvironment.freePort();
    RankRun run = launch(5, "--nproc=2", "--nnodes=2", "--node-rank=0", "--master=" + master);
    // Of rank 0 or 1, whichever waited first.
    assertFails(run, " of 4 at %s: ranks 2 and 3 have not arrived within 5 s".formatted(master));
  }

  @Test
  void aMasterThatIsNotThereIsNamed() throws Exception {
    String master = "127.0.0.1:" + RankEnvironment.freePort();
    RankRun run = launch(3, "--nproc=1", "--nnodes=2", "--node-rank=1", "--master=" + master);
    assertFails(run, "rank 1 of 2 at %s: rank 0 has not answered within 3 s (".formatted(master));
  }

  @Test
  void aMasterWithoutAnAddressIsNamed() throws Exception {
    String master = "no-such-host.invalid:29500";
    RankRun run = launch(2, "--nproc=1", "--nnodes=2", "--node-rank=1", "--master=" + master);
    assertFails(run, "there is no host no-such-host.invalid");
  }

  @Test
  void aMasterThatIsSomethingElseEndsInTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      String master = "127.0.0.1:" + silent.getLocalPort();
      RankRun run = launch(3, "--nproc=1", "--nnodes=2", "--node-rank=1", "--master=" + master);
      assertFails(run, master + ": what listens there has not answered as rank 0 within 3 s");
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      String master = "127.0.0.1:" + taken.getLocalPort();
      RankRun run = launch(3, "--nproc=1", "--nnodes=2", "--node-rank=0", "--master=" + master);
      assertFails(run, master + ": the port is in use; choose another MASTER_PORT");
    }
  }

  @Test
  void nodesThatDisagreeAboutTheWorldBothSaySo() throws Exception {
    String master = "127.0.0.1:" + RankEnvironment.freePort();
    RankRun two = launch(60, "--nproc=1", "--nnodes=2", "--node-rank=0", "--master=" + master);
    RankRun three = launch(60, "--nproc=1", "--nnodes=3", "--node-rank=1", "--master=" + master);
    assertFails(two, "WORLD_SIZE is ");
    assertFails(three, "WORLD_SIZE is ");
  }
}
