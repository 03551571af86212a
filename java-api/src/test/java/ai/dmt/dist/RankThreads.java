package ai.dmt.dist;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Ranks of one machine that are threads of the test, and what they train. */
final class RankThreads {
  static final ModelConfig MODEL = ModelConfig.llama(61, 24, 32, 3, 4, 2, 64);
  static final ProcessGroups.Timeouts TIMEOUTS =
      new ProcessGroups.Timeouts(Duration.ofSeconds(60), Duration.ofSeconds(60));
  static final RunIdentity RUN = RunIdentity.of("engine", EngineConfig.defaults());

  private RankThreads() {}

  /** One rank's part. */
  interface RankPart<T> {
    T run(RankEnvironment place) throws IOException;
  }

  static RankEnvironment place(int rank, int worldSize, int nodeSize, int port) {
    return new RankEnvironment(rank, rank % nodeSize, worldSize, nodeSize, "127.0.0.1", port);
  }

  static <T> List<T> onRanks(int worldSize, int nodeSize, RankPart<T> part) throws Exception {
    int port = RankEnvironment.freePort();
    ExecutorService threads = Executors.newFixedThreadPool(worldSize);
    try {
      List<Future<T>> results = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        RankEnvironment place = place(rank, worldSize, nodeSize, port);
        results.add(threads.submit(() -> part.run(place)));
      }
      List<T> values = new ArrayList<>();
      for (Future<T> result : results) {
        values.add(result.get());
      }
      return values;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }
}
