package ai.dmt.dist;

import static ai.dmt.dist.RankThreads.MODEL;
import static ai.dmt.dist.RankThreads.RUN;
import static ai.dmt.dist.RankThreads.TIMEOUTS;
import static ai.dmt.dist.RankThreads.onRanks;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.Sharding;
import java.time.Duration;
import java.util.List;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ranks whose launcher listens at the master port, and starts them more than once. */
@Tag("multirank")
@Timeout(120)
class LauncherStoreTest {
  /** As torchrun's, which stays while its ranks are started again. */
  private static TCPStore launcherStore(int port) throws Exception {
    onRanks( // loads the libraries, which only all of what is used can do
        2,
        2,
        place -> {
          ProcessGroups.join(place, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN).close();
          return "";
        });
    return new TCPStore(
        "127.0.0.1", new TCPStoreOptions().port((short) port).isServer(true).waitWorkers(false));
  }

  private static RankEnvironment behind(int launcherPort, RankEnvironment place) {
    return new RankEnvironment(
        place.rank(),
        place.localRank(),
        place.worldSize(),
        place.localWorldSize(),
        place.masterAddress(),
        launcherPort,
        "",
        RankEnvironment.Listener.LAUNCHER);
  }

  @Test
  void ranksMeetWhereTheirLauncherListensAsOftenAsItStartsThem() throws Exception {
    int port = RankEnvironment.freePort();
    try (TCPStore launcher = launcherStore(port)) {
      // What a rank 0 has left that was killed: nothing listens there.
      launcher.set(
          "dmt/rank_0", new ByteVector((RankEnvironment.freePort() + " gone").getBytes(UTF_8)));
      for (int start = 0; start < 2; start++) {
        List<Double> sums =
            onRanks(
                3,
                3,
                place -> {
                  // The other ranks come first, and find what the earlier start has left.
                  if (place.rank() == 0) {
                    sleep(300);
                  }
                  try (ProcessGroups groups =
                          ProcessGroups.join(
                              behind(port, place), Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN);
                      NativeEngine engine =
                          NativeEngine.create(
                              MODEL,
                              3,
                              EngineConfig.defaults().withThreads(1).withRanks(groups.ranks()))) {
                    double[] values = {place.rank() + 1};
                    engine.sumOverRanks(values);
                    return values[0];
                  }
                });
        assertEquals(List.of(6.0, 6.0, 6.0), sums);
      }
    }
  }

  @Test
  @SuppressWarnings("try") // both are there to be found
  void ranksOfAnEarlierStartThatStillListenAreNotJoinedAgain() throws Exception {
    int port = RankEnvironment.freePort();
    try (TCPStore launcher = launcherStore(port)) {
      ProcessGroups.Timeouts timeouts =
          new ProcessGroups.Timeouts(Duration.ofSeconds(3), Duration.ofSeconds(3));
      String failure =
          onRanks(
                  3,
                  3,
                  place -> {
                    RankEnvironment own = behind(port, place);
                    try (ProcessGroups groups =
                        ProcessGroups.join(own, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN)) {
                      if (place.rank() != 1) {
                        sleep(6000); // these do not know yet that rank 1 is gone
                        return "";
                      }
                      return assertThrows(
                              EngineException.class,
                              () ->
                                  ProcessGroups.join(
                                      own, Sharding.FULL, DeviceConfig.CPU, timeouts, RUN))
                          .getMessage();
                    }
                  })
              .get(1);
      assertTrue(
          failure.startsWith(
              "rank 1 of 3 at 127.0.0.1:%s: no rank 0 has come to its launcher's store within 3 s"
                  .formatted(port)),
          failure);
    }
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
