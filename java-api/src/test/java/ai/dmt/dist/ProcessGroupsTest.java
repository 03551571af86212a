package ai.dmt.dist;

import static ai.dmt.dist.RankThreads.MODEL;
import static ai.dmt.dist.RankThreads.RUN;
import static ai.dmt.dist.RankThreads.TIMEOUTS;
import static ai.dmt.dist.RankThreads.onRanks;
import static ai.dmt.dist.RankThreads.place;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.engine.DType;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.ReduceCollective;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.ShardingConfig;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Ranks are threads here, their groups real ones of Gloo over TCP. */
@Tag("multirank")
@Timeout(120)
class ProcessGroupsTest {
  private static MicroBatch batch(int step, int number) {
    int[] tokens = new int[11];
    int[] labels = new int[11];
    for (int t = 0; t < tokens.length; t++) {
      tokens[t] = (7 * step + 5 * number + 3 * t) % 61;
      labels[t] = (tokens[t] + 3) % 61;
    }
    return MicroBatch.of(tokens, labels);
  }

  /** Losses of twenty steps of four micro-batches, and a weight at the end. */
  private static double[] train(NativeEngine engine) {
    double[] values = new double[21];
    for (int step = 0; step < 20; step++) {
      for (int number = engine.rank(); number < 4; number += engine.worldSize()) {
        engine.accumulate(batch(step, number), 1.0 / 44);
      }
      int most = (4 + engine.worldSize() - 1) / engine.worldSize();
      int own = (4 - engine.rank() + engine.worldSize() - 1) / engine.worldSize();
      for (int i = own; i < most; i++) {
        engine.accumulate(MicroBatch.NOTHING, 1);
      }
      values[step] = engine.apply(1e-2).loss();
    }
    values[20] = engine.weight("model.layers.2.mlp.down_proj.weight")[5];
    return values;
  }

  @ParameterizedTest
  @EnumSource(Sharding.class)
  void ranksOverGlooTrainAsOneDoes(Sharding mode) throws Exception {
    double[] expected;
    try (NativeEngine alone =
        NativeEngine.create(MODEL, 3, EngineConfig.defaults().withThreads(1))) {
      expected = train(alone);
    }
    for (int worldSize : new int[] {2, 3, 4}) {
      int nodeSize = worldSize == 4 ? 2 : 1;
      for (GradientReduction reduction : GradientReduction.values()) {
        // Either one with two, three and four ranks.
        ReduceCollective collective =
            ReduceCollective.values()[(worldSize + reduction.ordinal()) % 2];
        ShardingConfig sharding = new ShardingConfig(mode, DType.FLOAT32, reduction, collective);
        EngineConfig config = EngineConfig.defaults().withThreads(1).withSharding(sharding);
        List<double[]> ranks =
            onRanks(
                worldSize,
                nodeSize,
                place -> {
                  try (ProcessGroups groups =
                          ProcessGroups.join(place, mode, DeviceConfig.CPU, TIMEOUTS, RUN);
                      NativeEngine engine =
                          NativeEngine.create(MODEL, 3, config.withRanks(groups.ranks()))) {
                    return groups.guard(() -> train(engine));
                  }
                });
        for (double[] values : ranks) {
          assertArrayEquals(expected, values, 1e-5, sharding + " on " + worldSize);
          assertArrayEquals(ranks.get(0), values, "ranks differ");
        }
      }
    }
  }

  @Test
  void evaluationSharesBatchesOutAndAddsThemUp() throws Exception {
    List<MicroBatch> batches = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      batches.add(batch(0, i));
    }
    double expected;
    try (NativeEngine alone = NativeEngine.create(MODEL, 3, EngineConfig.defaults())) {
      expected = alone.evaluate(batches).get(0).lossSum();
    }
    List<Double> sums =
        onRanks(
            3,
            1,
            place -> {
              try (ProcessGroups groups =
                      ProcessGroups.join(place, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN);
                  NativeEngine engine =
                      NativeEngine.create(
                          MODEL, 3, EngineConfig.defaults().withRanks(groups.ranks()))) {
                assertEquals(55, engine.evaluate(batches).get(0).labelTokens());
                return engine.evaluate(batches).get(0).lossSum();
              }
            });
    for (double sum : sums) {
      assertEquals(expected, sum, 1e-4);
    }
  }

  @Test
  void oneProcessJoinsNobody() {
    try (ProcessGroups groups =
        ProcessGroups.join(RankEnvironment.ALONE, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN)) {
      assertEquals(ai.dmt.engine.RankGroups.ALONE, groups.ranks());
    }
  }

  @Test
  void ranksThatDoNotComeAreNamed() throws IOException {
    ProcessGroups.Timeouts short_ =
        new ProcessGroups.Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1));
    int port = RankEnvironment.freePort();
    EngineException e =
        assertThrows(
            EngineException.class,
            () ->
                ProcessGroups.join(
                    place(0, 4, 4, port), Sharding.FULL, DeviceConfig.CPU, short_, RUN));
    assertEquals(
        "rank 0 of 4 at 127.0.0.1:%s: ranks 1, 2 and 3 have not arrived within 1 s".formatted(port),
        e.getMessage());
    int other = RankEnvironment.freePort();
    e =
        assertThrows(
            EngineException.class,
            () ->
                ProcessGroups.join(
                    place(2, 4, 4, other), Sharding.FULL, DeviceConfig.CPU, short_, RUN));
    assertTrue(
        e.getMessage()
            .startsWith(
                "rank 2 of 4 at 127.0.0.1:%s: rank 0 has not answered within 1 s ("
                    .formatted(other)),
        e::getMessage);
  }

  @Test
  void aPortInUseIsSaid() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      int port = taken.getLocalPort();
      EngineException e =
          assertThrows(
              EngineException.class,
              () ->
                  ProcessGroups.join(
                      place(0, 2, 2, port), Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN));
      assertEquals(
          "rank 0 of 2 at 127.0.0.1:%s: the port is in use; choose another MASTER_PORT"
              .formatted(port),
          e.getMessage());
    }
  }

  /** Seen from 127.0.0.2, which is this machine as its addresses in a network are. */
  @ParameterizedTest
  @CsvSource({"2, false", "1, true"})
  void ranksOfOneNodeMeetWhereNobodyElseReachesThem(int nodeSize, boolean reachable)
      throws Exception {
    List<Boolean> answers =
        onRanks(
            2,
            nodeSize,
            place -> {
              try (ProcessGroups groups =
                  ProcessGroups.join(place, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN)) {
                return groups.guard(() -> answers("127.0.0.2", place.masterPort()));
              }
            });
    assertEquals(reachable, answers.get(0));
  }

  private static boolean answers(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), 5_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void ranksMustAgreeAboutTheWorld() throws Exception {
    int port = RankEnvironment.freePort();
    List<String> messages =
        onRanks(
            2,
            2,
            place -> {
              RankEnvironment own = place(place.rank(), 2 + 2 * place.rank(), 2, port);
              ProcessGroups.Timeouts timeouts =
                  new ProcessGroups.Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5));
              return assertThrows(
                      EngineException.class,
                      () ->
                          ProcessGroups.join(own, Sharding.FULL, DeviceConfig.CPU, timeouts, RUN)
                              .close())
                  .getMessage();
            });
    assertTrue(
        messages.stream().anyMatch(message -> message.contains("WORLD_SIZE is ")),
        messages::toString);
  }

  @Test
  void ranksOfDifferentRunsNameWhatDiffers() throws Exception {
    for (int odd = 0; odd < 3; odd++) {
      int own = odd;
      List<String> messages =
          onRanks(
              3,
              3,
              place -> {
                EngineConfig config =
                    EngineConfig.defaults().withMaxGradientNorm(place.rank() == own ? 0.5 : 1);
                RunIdentity run = RunIdentity.of("engine", config);
                return assertThrows(
                        EngineException.class,
                        () ->
                            ProcessGroups.join(
                                place, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, run))
                    .getMessage();
              });
      String values = own == 0 ? "1.0, rank 0 has 0.5" : "0.5, rank 0 has 1.0";
      for (String message : messages) {
        assertTrue(
            message.endsWith(
                ": the ranks were started for different runs; here engine.maxGradientNorm is "
                    + values),
            message);
      }
    }
  }

  @Test
  void ranksOfDifferentModesNameThem() throws Exception {
    List<String> messages =
        onRanks(
            2,
            2,
            place -> {
              Sharding mode = place.rank() == 0 ? Sharding.FULL : Sharding.NONE;
              return assertThrows(
                      EngineException.class,
                      () -> ProcessGroups.join(place, mode, DeviceConfig.CPU, TIMEOUTS, RUN))
                  .getMessage();
            });
    for (String message : messages) {
      assertTrue(message.endsWith("here sharding is none, rank 0 has full"), message);
    }
  }

  @Test
  void groupsStayWhileAnEngineStandsOnThemAndNoEngineIsMadeOnClosedOnes() throws Exception {
    List<List<String>> messages =
        onRanks(
            2,
            2,
            place -> {
              ProcessGroups groups =
                  ProcessGroups.join(place, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN);
              EngineConfig config =
                  EngineConfig.defaults().withThreads(1).withRanks(groups.ranks());
              NativeEngine engine = NativeEngine.create(MODEL, 3, config);
              String early = assertThrows(IllegalStateException.class, groups::close).getMessage();
              engine.sumOverRanks(new double[1]); // they still serve
              engine.close();
              groups.close();
              groups.close();
              String late =
                  assertThrows(
                          IllegalStateException.class, () -> NativeEngine.create(MODEL, 3, config))
                      .getMessage();
              return List.of(early, late);
            });
    for (int rank = 0; rank < 2; rank++) {
      String groups = "the process group of rank %s of 2 ".formatted(rank);
      String early = messages.get(rank).get(0);
      assertTrue(
          early.startsWith(groups + "cannot be closed while the engine made with seed 3"), early);
      assertEquals(groups + "is closed", messages.get(rank).get(1));
    }
  }

  @Test
  void theFirstFailureIsWhatAllRanksSay() throws Exception {
    List<String> messages =
        onRanks(
            3,
            3,
            place -> {
              try (ProcessGroups groups =
                      ProcessGroups.join(place, Sharding.FULL, DeviceConfig.CPU, TIMEOUTS, RUN);
                  NativeEngine engine =
                      NativeEngine.create(
                          MODEL,
                          3,
                          EngineConfig.defaults().withThreads(1).withRanks(groups.ranks()))) {
                return assertThrows(
                        EngineException.class,
                        () ->
                            groups.guard(
                                () -> {
                                  if (place.rank() == 1) {
                                    throw new EngineException("the disk is full");
                                  }
                                  engine.accumulate(batch(0, 0), 0.01);
                                  return null;
                                }))
                    .getMessage();
              }
            });
    assertEquals("the disk is full", messages.get(1));
    assertEquals("rank 1 of 3: the disk is full", messages.get(0));
    assertEquals("rank 1 of 3: the disk is full", messages.get(2));
  }
}
