package ai.dmt.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks are shell scripts here. */
@Timeout(60)
class NodeLauncherTest {
  @TempDir private Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  private NodeLauncher launcher(NodeRanks ranks, String script) {
    return new NodeLauncher(
        List.of("sh", "-c", "cd '" + folder + "'; " + script),
        ranks,
        folder.resolve("logs"),
        Duration.ofMillis(500),
        log::add);
  }

  private NodeLauncher launcher(int processes, String script) {
    return launcher(new NodeRanks(processes, 1, 0, "127.0.0.1", 29500), script);
  }

  private String read(String file) throws IOException {
    return Files.readString(folder.resolve(file)).strip();
  }

  @Test
  void everyRankIsToldItsPlace() throws Exception {
    String script =
        "echo $RANK $LOCAL_RANK $WORLD_SIZE $LOCAL_WORLD_SIZE $MASTER_ADDR $MASTER_PORT >at$RANK";
    assertEquals(0, launcher(new NodeRanks(2, 3, 1, "node0", 1234), script).run(0));
    assertEquals("2 0 6 2 node0 1234", read("at2"));
    assertEquals("3 1 6 2 node0 1234", read("at3"));
    assertTrue(log.isEmpty(), log::toString);
  }

  @Test
  void ranksButTheFirstWriteToFiles() throws Exception {
    assertEquals(
        0, launcher(2, "test $RANK = 0 || echo spoken; test $RANK = 0 || echo too >&2").run(0));
    assertEquals("rank 1: spoken\nrank 1: too", read("logs/rank-1.log"));
    assertFalse(Files.exists(folder.resolve("logs/rank-0.log")));
  }

  @Test
  void aRankThatFailsEndsAllWithItsMessage() throws Exception {
    String script =
        "test $RANK = 1 && { echo 'dmt: the disk is full'; echo done; exit 2; }; exec sleep 50";
    assertEquals(2, launcher(3, script).run(0));
    assertEquals(
        List.of(
            "rank 1 failed with exit code 2: the disk is full (%s)"
                .formatted(folder.resolve("logs/rank-1.log")),
            "rank 0 still runs 0.5 s after that; it is ended now",
            "rank 2 still runs 0.5 s after that; it is ended now"),
        log);
  }

  @Test
  void aRankThatIsKilledEndsAll() throws Exception {
    assertEquals(137, launcher(2, "test $RANK = 1 && kill -9 $$; exec sleep 50").run(0));
    assertTrue(log.get(0).startsWith("rank 1 was ended by signal 9 ("), log::toString);
  }

  @Test
  void aKilledRankIsNamedAlsoWhenOthersFailFirst() throws Exception {
    String script =
        "test $RANK = 1 && { sleep 0.2; kill -9 $$; };"
            + " echo 'dmt: rank 0 of 3: all_gather failed: connection closed'; exit 1";
    assertEquals(137, launcher(3, script).run(0));
    assertTrue(log.get(0).startsWith("rank 1 was ended by signal 9"), log::toString);
    assertEquals(1, log.size(), log::toString);
  }

  @Test
  void aRanksOwnMessageGoesBeforeThoseAboutAnotherRank() throws Exception {
    String script =
        "test $RANK = 0 && exit 1; test $RANK = 2 && { echo 'dmt: the disk is full'; exit 3; };"
            + " echo 'dmt: rank 2 of 3: the disk is full'; exit 1";
    assertEquals(3, launcher(3, script).run(0));
    assertTrue(
        log.get(0).startsWith("rank 2 failed with exit code 3: the disk is full ("), log::toString);
  }

  @Test
  void aRankThatWaitedInVainGoesBeforeThoseThatLostIt() throws Exception {
    String script =
        "test $RANK = 4 && { sleep 0.2; timed='timed out'; };"
            + " echo \"dmt: rank $RANK of 6: all_gather of the norm ${timed:-failed}: x\"; exit 1";
    assertEquals(1, launcher(new NodeRanks(3, 2, 1, "127.0.0.1", 29500), script).run(0));
    assertTrue(log.get(0).contains("rank 4 failed"), log::toString);
  }

  @Test
  void theLogOfAnEarlierStartSaysNothingOfThisOne() throws Exception {
    String script =
        "echo x >>tries$RANK; test $RANK = 0 && exec sleep 50;"
            + " test $(wc -l <tries$RANK) = 1 && echo 'dmt: the disk is full'; exit 3";
    assertEquals(3, launcher(2, script).run(1));
    assertTrue(log.get(0).startsWith("rank 1 failed with exit code 3: the disk"), log::toString);
    String last = log.get(log.size() - 2);
    assertTrue(last.startsWith("rank 1 failed with exit code 3 ("), log::toString);
  }

  @Test
  void aRankThatIsLeftIsNamed() throws Exception {
    assertEquals(5, launcher(3, "test $RANK = 0 && exit 5; test $RANK = 1 || sleep 50").run(0));
    assertEquals(
        List.of(
            "rank 0 failed with exit code 5",
            "rank 2 still runs 0.5 s after that; it is ended now"),
        log);
  }

  @Test
  void askingARankToStopLeavesItsInputOpen() throws Exception {
    NodeLauncher launcher =
        launcher(
            1,
            "trap 'timeout 0.3 cat; echo $? >input; exit 130' TERM; echo x >up;"
                + " while :; do sleep 0.05; done");
    Thread stop =
        new Thread(
            () -> {
              while (!Files.exists(folder.resolve("up"))) {
                Thread.onSpinWait();
              }
              launcher.stop();
            });
    stop.start();
    assertEquals(RankProcess.STOPPED, launcher.run(0));
    stop.join();
    assertEquals("124", read("input"), "an input that is closed ends at once");
  }

  @Test
  void aRankThatDoesNotListenIsKilled() throws Exception {
    String script =
        "test $RANK = 1 && { sleep 0.3; exit 1; }; trap '' TERM; while :; do sleep 1; done";
    assertEquals(1, launcher(2, script).run(0));
  }

  @Test
  void allRanksStartAgainAfterAFailure() throws Exception {
    String script = "echo x >>tries$RANK; test $(wc -l <tries$RANK) = 3 || exit 1";
    assertEquals(0, launcher(2, script).run(2));
    assertEquals("x\nx\nx", read("tries1"));
    assertTrue(log.contains("starting all ranks again, restart 2 of 2"), log::toString);
  }

  @Test
  void restartsHaveAnEnd() throws Exception {
    assertEquals(4, launcher(1, "echo x >>tries; exit 4").run(1));
    assertEquals("x\nx", read("tries"));
  }

  /** Ranks 0 and 1 write up0 and up1; then the launcher is asked to stop. */
  private int runAndStopOnceUp(NodeLauncher launcher) throws Exception {
    Thread stop =
        new Thread(
            () -> {
              while (!Files.exists(folder.resolve("up0")) || !Files.exists(folder.resolve("up1"))) {
                Thread.onSpinWait();
              }
              launcher.stop();
            });
    stop.start();
    int exitCode = launcher.run(5);
    stop.join();
    return exitCode;
  }

  @Test
  void stoppingAsksAllAndStartsNoMore() throws Exception {
    NodeLauncher launcher =
        launcher(2, "trap 'exit 9' TERM; echo x >>up$RANK; while :; do sleep 0.05; done");
    assertEquals(9, runAndStopOnceUp(launcher));
    assertEquals("x", read("up0"));
  }

  @Test
  void ranksThatStoppedAreWaitedForAndNotStartedAgain() throws Exception {
    String script = "echo x >>up$RANK; test $RANK = 1 || sleep 1.5; echo x >>saved$RANK; exit 130";
    assertEquals(RankProcess.STOPPED, launcher(2, script).run(3));
    assertEquals("x", read("up1"));
    assertEquals("x", read("saved0"), "longer than the grace of a failure");
    assertTrue(log.isEmpty(), log::toString);
  }

  @Test
  void ranksDoNotSeeInterrupts() throws Exception {
    assertEquals(0, launcher(2, "kill -INT $$; echo here >at$RANK").run(0));
    assertEquals("here", read("at1"));
  }

  @Test
  void stoppingRanksThatDoNotListenYetIsNoFailure() throws Exception {
    NodeLauncher launcher = launcher(2, "echo x >up$RANK; exec sleep 50");
    assertEquals(RankProcess.STOPPED, runAndStopOnceUp(launcher));
    assertEquals(List.of("asked to stop before all ranks trained; nothing is saved"), log);
  }

  @Test
  void ranksThatStayAfterRank0AreEnded() throws Exception {
    assertEquals(0, launcher(2, "test $RANK = 0 || exec sleep 50").run(0));
    assertEquals(List.of("rank 1 still runs 3 s after rank 0 has ended; it is ended now"), log);
  }

  @Test
  void killingEndsRanksThatDoNotListen() throws Exception {
    NodeLauncher launcher = launcher(1, "trap '' TERM; echo x >up; while :; do sleep 0.05; done");
    Thread kill =
        new Thread(
            () -> {
              while (!Files.exists(folder.resolve("up"))) {
                Thread.onSpinWait();
              }
              launcher.stop();
              launcher.kill();
            });
    kill.start();
    assertEquals(137, launcher.run(5));
    kill.join();
  }

  @Test
  void numbersAreChecked() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> new NodeRanks(0, 2, 2, "node0", 1234));
    assertEquals(
        "launch: --nproc must be positive, got 0; --node-rank must be in [0, 2), got 2",
        e.getMessage());
  }
}
