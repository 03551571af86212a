package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.TinyModel;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hosts, which are network namespaces of this one, train over a link that is cut. Needs root
 * and {@code ip} of iproute2; skipped without.
 */
@Tag("multirank")
@Timeout(300)
class NetworkCutTest {
  private static final int RANK_TIMEOUT = 10;

  /** The time-out, last words to rank 0, twice the launcher's grace; and this machine's load. */
  private static final int SECONDS_TO_END = RANK_TIMEOUT + 10 + 20 + 50;

  private static final String MASTER = "10.213.77.1:29517";

  @TempDir private Path folder;
  private final String suffix = Long.toString(ProcessHandle.current().pid() % 1_000_000, 36);
  private final List<String> hosts = List.of("dmt-a-" + suffix, "dmt-b-" + suffix);
  private final List<String> links = List.of("dmta" + suffix, "dmtb" + suffix);
  private final List<RankRun> runs = new ArrayList<>();
  private Path model;
  private Path data;

  private int ip(String words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words.split(" ")));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("ip").toFile())
            .start();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), "ip hangs");
    return process.exitValue();
  }

  @BeforeEach
  void makeHosts() throws Exception {
    assumeHosts();
    assertEquals(0, ip("link add %s type veth peer name %s".formatted(links.get(0), links.get(1))));
    for (int i = 0; i < 2; i++) {
      String host = hosts.get(i);
      String link = links.get(i);
      assertEquals(0, ip("link set %s netns %s".formatted(link, host)));
      assertEquals(0, ip("-n %s addr add 10.213.77.%s/24 dev %s".formatted(host, i + 1, link)));
      assertEquals(0, ip("-n %s link set %s up".formatted(host, link)));
      assertEquals(0, ip("-n %s link set lo up".formatted(host)));
    }
    model = TinyModel.write(folder.resolve("model"));
    data = RankRun.writeData(folder);
  }

  private void assumeHosts() throws InterruptedException {
    String reason = "skipped: network namespaces cannot be made here (ip netns add, as root)";
    try {
      for (String host : hosts) {
        if (ip("netns add " + host) != 0) {
          System.err.println(reason);
          assumeTrue(false, reason);
        }
      }
    } catch (IOException e) { // there is no ip
      System.err.println(reason);
      assumeTrue(false, reason);
    }
  }

  @AfterEach
  void removeHosts() throws Exception {
    runs.forEach(RankRun::close);
    for (String host : hosts) {
      try {
        ip("netns del " + host); // its link goes with it
      } catch (IOException e) {
        return; // there is no ip
      }
    }
  }

  /** Starts two ranks on each host. */
  private List<RankRun> startAll(int rankTimeout, String... more) throws IOException {
    List<String> settings = new ArrayList<>(RankRun.ENDLESS);
    settings.add("save_steps=5");
    settings.addAll(List.of(more));
    List<RankRun> started = new ArrayList<>();
    for (int node = 0; node < 2; node++) {
      String name = "node%s-%s".formatted(node, runs.size());
      List<String> train = RankRun.training(model, data, folder.resolve("out"), settings);
      train.add("--rank-timeout=" + rankTimeout);
      List<String> options =
          List.of(
              "--nproc=2",
              "--nnodes=2",
              "--node-rank=" + node,
              "--master=" + MASTER,
              "--log-dir=" + folder.resolve(name + "-logs"));
      RankRun run =
          RankRun.start(
              folder.resolve(name),
              List.of("ip", "netns", "exec", hosts.get(node)),
              RankRun.launch(options, train));
      started.add(run);
      runs.add(run);
    }
    return started;
  }

  private void setLink(String state) throws Exception {
    assertEquals(0, ip("-n %s link set %s %s".formatted(hosts.get(0), links.get(0), state)));
  }

  @Test
  void allRanksEndWhenTheLinkIsCutAndGoOnFromTheLastCheckpoint() throws Exception {
    List<RankRun> nodes = startAll(RANK_TIMEOUT);
    CheckpointFolder checkpoints = CheckpointFolder.of(folder.resolve("out"));
    while (checkpoints.steps().isEmpty()) {
      assertTrue(nodes.get(0).process().isAlive(), nodes.get(0).log());
      Thread.sleep(20);
    }
    long began = System.nanoTime();
    setLink("down"); // no connection is closed by it
    for (RankRun node : nodes) {
      assertEquals(ExitCode.FAILED, node.exitCode(SECONDS_TO_END), node.log());
      assertTrue(node.log().matches("(?is).*rank \\d of 4: .*timed out.*"), node.log());
      assertTrue(node.log().contains(" failed with exit code 1"), node.log());
      boolean named =
          node.log().contains("(10.213.77.2)")
              || node.log().contains("rank 0 at " + MASTER + " does not answer any more");
      assertTrue(named, node.log());
    }
    System.out.printf(
        "all ranks had ended %.1f s after the cut%n", (System.nanoTime() - began) / 1e9);

    setLink("up");
    long newest = checkpoints.steps().get(0);
    List<RankRun> again = startAll(60, "--resume=auto");
    again.get(0).waitForLog("going on after step " + newest + " of ");
    while (checkpoints.steps().get(0) == newest) {
      assertTrue(again.get(0).process().isAlive(), again.get(0).log());
      Thread.sleep(20);
    }
    RankRun.signal("TERM", again.get(0).process().pid());
    for (RankRun node : again) {
      assertEquals(ExitCode.INTERRUPTED, node.exitCode(), node.log());
    }
  }
}
