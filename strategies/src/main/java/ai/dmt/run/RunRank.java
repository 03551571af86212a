package ai.dmt.run;

import ai.dmt.dist.ProcessGroups;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * This process's part in a run.
 *
 * @param place among the ranks
 * @param timeouts of waiting for the others
 */
public record RunRank(RankEnvironment place, ProcessGroups.Timeouts timeouts) {
  /** One process that does all. */
  public static final RunRank ALONE =
      new RunRank(RankEnvironment.ALONE, ProcessGroups.Timeouts.DEFAULT);

  private static final RunIdentity NOTHING_TO_COMPARE = new RunIdentity(Map.of());

  /**
   * What a rank does once it has met the others.
   *
   * @param <T> what the part makes
   */
  public interface Part<T> {
    /**
     * Does this rank's part.
     *
     * @param config knows the other ranks
     * @return what the part has made; handed on by {@link RunRank#run}
     * @throws IOException if files cannot be read or written
     */
    T run(EngineConfig config) throws IOException;
  }

  /** {@return whether this rank prints and writes files; the others send it what it needs} */
  public boolean writes() {
    return place.rank() == 0;
  }

  /**
   * Demands that this rank's device can be used. Loads the native library for a GPU only.
   *
   * @param config of the engine, with device and number
   * @throws ai.dmt.config.ConfigException if it cannot: with the engine's words
   */
  public void requireDevice(EngineConfig config) {
    NativeRuntime.requireDevice(config.device().at(place.localRank()));
  }

  /**
   * Meets the other ranks, then runs with a configuration that knows them.
   *
   * @param <T> what the part makes
   * @param config of the engine, without ranks
   * @param identity what all ranks must have in common; not asked for by one process alone
   * @param part called once, on this thread
   * @return what the part has made
   * @throws IOException if the part throws it
   */
  public <T> T run(EngineConfig config, Supplier<RunIdentity> identity, Part<T> part)
      throws IOException {
    return run(config, identity, part, groups -> {});
  }

  /** As above. @param met gets the groups once all ranks are there, before the part */
  <T> T run(
      EngineConfig config,
      Supplier<RunIdentity> identity,
      Part<T> part,
      Consumer<ProcessGroups> met)
      throws IOException {
    RunIdentity run = place.worldSize() == 1 ? NOTHING_TO_COMPARE : identity.get();
    try (ProcessGroups groups =
        ProcessGroups.join(place, config.sharding().mode(), config.device(), timeouts, run)) {
      met.accept(groups);
      return groups.guard(() -> part.run(config.withRanks(groups.ranks())));
    }
  }

  /**
   * What a run's metrics are written to. The run goes on if that fails: what it has learnt is worth
   * more.
   *
   * @param from where the run is
   * @param decisions that it has made about its mixtures so far
   * @param notes told if it fails
   */
  MetricsFile metrics(Path output, Progress from, int decisions, Consumer<String> notes)
      throws IOException {
    return writes()
        ? MetricsFile.after(
            output.resolve(MetricsFile.NAME),
            from.step(),
            decisions,
            failure -> notes.accept(failure.getMessage() + "; the run goes on without it"))
        : MetricsFile.none();
  }
}
