package ai.dmt.dist;

import ai.dmt.bindings.ProcessGroupLibraries;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.engine.RankGroups;
import ai.dmt.engine.Sharding;
import ai.dmt.internal.handle.HandleGuard;
import ai.dmt.internal.handle.NativeAddresses;
import ai.dmt.internal.text.BuildVersion;
import ai.dmt.internal.text.Printable;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.IntOptional;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.gloo.Device;
import org.jspecify.annotations.Nullable;

/**
 * What the engine of one rank talks to the others through: libtorch's Gloo over TCP, or NCCL
 * between GPUs. Must be closed after the engine. {@link #guard} and {@link #close} may be called by
 * different threads.
 *
 * <pre>{@code
 * RankEnvironment place = RankEnvironment.read(System.getenv());
 * RunIdentity run = RunIdentity.of("engine", config).plus(RunIdentity.of("train", settings));
 * try (ProcessGroups groups = ProcessGroups.join(place, Sharding.FULL, DeviceConfig.CPU, timeouts, run);
 *     NativeEngine engine = NativeEngine.open(folder, config.withRanks(groups.ranks()))) {
 *   groups.guard(() -> train(engine));
 * }
 * }</pre>
 */
public final class ProcessGroups implements AutoCloseable {
  /**
   * The first NCCL that begins the collectives of several groups in one order on all GPUs, if
   * NCCL_LAUNCH_ORDER_IMPLICIT is set (native/src/environment): others may wait for each other for
   * ever.
   */
  private static final int NCCL_WITH_LAUNCH_ORDER = 22600;

  private final @Nullable Rendezvous rendezvous; // null for one process
  private final List<ProcessGroup> groups = new ArrayList<>();
  private final HandleGuard guard;
  private RankGroups ranks = RankGroups.ALONE;
  private boolean failed;

  /**
   * How long ranks wait for each other.
   *
   * @param rendezvous from the first rank's start to the last one's
   * @param collective from one rank's call to the last one's: the longest that a rank may compute,
   *     save or stand still
   */
  public record Timeouts(Duration rendezvous, Duration collective) {
    /** Ten minutes for each. */
    public static final Timeouts DEFAULT =
        new Timeouts(Duration.ofMinutes(10), Duration.ofMinutes(10));

    /**
     * Checks ranges.
     *
     * @param rendezvous see {@link #rendezvous()}
     * @param collective see {@link #collective()}
     * @throws ConfigException if one is less than a millisecond
     */
    public Timeouts {
      if (rendezvous.toMillis() <= 0 || collective.toMillis() <= 0) {
        throw new ConfigException(
            "timeouts must be positive, got %s and %s".formatted(rendezvous, collective));
      }
    }
  }

  private ProcessGroups(RankEnvironment place, @Nullable Rendezvous rendezvous) {
    this.guard =
        HandleGuard.shared(
            "the process group of rank %s of %s".formatted(place.rank(), place.worldSize()));
    this.rendezvous = rendezvous;
  }

  /**
   * Meets the other ranks, compares what they are about to do, and makes the groups that a mode
   * needs. Every rank calls it. One process on the CPU needs no native library for it.
   *
   * @param place this process's own; it tells the ranks apart
   * @param mode which ranks share slices of the weights, and so which groups are made
   * @param device what the engines compute on: ranks on GPUs talk through NCCL, others through Gloo
   * @param timeouts how long to wait until all have come, and later in each collective
   * @param run what all ranks must have in common: settings, model and data. Ranks that differ
   *     would end in a model that is a mixture of several runs, or in a collective that fails. The
   *     mode, the kind of device, and the versions of dmt and libtorch are compared as well
   * @return this rank's groups, to be closed after its engine
   * @throws EngineException if ranks do not come in time or cannot reach each other, which it
   *     names; if they differ: on all of them, with the values of both
   */
  public static ProcessGroups join(
      RankEnvironment place,
      Sharding mode,
      DeviceConfig device,
      Timeouts timeouts,
      RunIdentity run) {
    DeviceConfig own = device.at(place.localRank());
    NativeRuntime.requireDevice(own); // loads libtorch's CUDA part, which NCCL's stands on
    if (place.worldSize() == 1) {
      return new ProcessGroups(place, null);
    }
    return withLibraries(
        () -> {
          Rendezvous rendezvous = Rendezvous.meet(place, timeouts.rendezvous());
          ProcessGroups groups = new ProcessGroups(place, rendezvous);
          try {
            rendezvous.agree(run.plus(environment(mode, own)));
            groups.connect(new Members(place, rendezvous, own, timeouts.collective()), mode);
            return groups;
          } catch (RuntimeException e) {
            groups.failed = true;
            groups.close();
            throw e;
          }
        });
  }

  /** What every run has in common beside its own values. */
  private static RunIdentity environment(Sharding mode, DeviceConfig device) {
    BuildVersion build = BuildVersion.current();
    return new RunIdentity(
        Map.of(
            "sharding", mode.text(),
            "device", device.isCuda() ? "cuda" : "cpu",
            "dmt.version", build.version(),
            "dmt.sources", build.sources(),
            "libtorch", NativeRuntime.torchVersion()));
  }

  /**
   * {@return the groups, for {@link ai.dmt.engine.EngineConfig#withRanks}; those of one process
   * where there is one}
   */
  public RankGroups ranks() {
    return ranks;
  }

  /**
   * Has it told, on rank 0, when another rank is not heard of for some seconds, for which all wait,
   * and when it is back.
   *
   * @param listener gets a line of text, on a thread of its own
   */
  public void onSilence(Consumer<String> listener) {
    if (rendezvous != null) {
      rendezvous.onSilence(listener);
    }
  }

  /**
   * {@return a rank with its host, for messages, such as "rank 3 on node2 (10.0.0.2)"}
   *
   * @param rank of this run
   */
  public String name(int rank) {
    return rendezvous == null ? "rank " + rank : rendezvous.name(rank);
  }

  /**
   * Runs a rank's part of the run. If it fails, the other ranks are told before the connections to
   * them end.
   *
   * @param <T> what the part gives
   * @param part called at once, in this thread
   * @return what the part gave
   * @throws EngineException if another rank failed before this one: with that rank's message
   * @throws IOException that of the part
   */
  public <T> T guard(Part<T> part) throws IOException {
    Runnable leave = guard.retain("a part of the run");
    try {
      return part.run();
    } catch (RuntimeException | IOException e) {
      failed = true;
      if (rendezvous != null) {
        Optional<String> first = rendezvous.reportFailure(Printable.reason(e));
        if (first.isPresent()) {
          throw new EngineException(first.get(), e);
        }
      }
      throw e;
    } finally {
      leave.run();
    }
  }

  /**
   * What {@link #guard} runs.
   *
   * @param <T> what it gives
   */
  public interface Part<T> {
    /**
     * Runs it.
     *
     * @return what {@link #guard} returns
     * @throws IOException if reading or writing fails
     */
    T run() throws IOException;
  }

  /**
   * Leaves the other ranks; harmless to call twice.
   *
   * @throws IllegalStateException while an engine stands on the groups, or {@link #guard} runs: the
   *     engine must be closed first, by any thread. The groups stay open
   */
  @Override
  public void close() {
    guard.closeUnlessInUse(this::leave);
  }

  private void leave() {
    RuntimeException failure = null;
    for (ProcessGroup group : groups) {
      try {
        group.close(failed);
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    groups.clear();
    if (rendezvous != null) {
      rendezvous.close();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** What all groups of this rank have in common. @param device with its number told */
  private record Members(
      RankEnvironment place, Rendezvous rendezvous, DeviceConfig device, Duration timeout) {}

  private void connect(Members members, Sharding mode) {
    RankEnvironment place = members.place;
    int worldSize = place.worldSize();
    int shards =
        switch (mode) {
          case FULL, GRAD_OP -> worldSize;
          case HYBRID -> place.localWorldSize();
          case NONE -> 1;
        };
    int row = place.rank() / shards;
    int column = place.rank() % shards;
    long shardGroup = group(members, "shards/" + row, column, shards);
    long reduceGroup =
        canOverlap(members.device) ? group(members, "reductions/" + row, column, shards) : 0;
    long replicaGroup = group(members, "replicas/" + column, row, worldSize / shards);
    ranks =
        new RankGroups(
            place.rank(),
            worldSize,
            place.localWorldSize(),
            RankGroups.Kind.PROCESSES,
            shardGroup,
            replicaGroup,
            reduceGroup);
  }

  /** Whether two groups of a device can have collectives under way at the same time. */
  private static boolean canOverlap(DeviceConfig device) {
    return !device.isCuda() || NativeRuntime.ncclVersion() >= NCCL_WITH_LAUNCH_ORDER;
  }

  /** Address of a new group; 0 where this rank would be alone in it. */
  private long group(Members members, String name, int rank, int size) {
    if (size == 1) {
      return 0;
    }
    Store store = members.rendezvous.shared("dmt/" + name);
    ProcessGroup group =
        members.device.isCuda()
            ? NcclGroup.connect(store, rank, size, members.device.index(), members.timeout)
            : GlooGroup.connect(
                members.place.interfaceName(),
                members.rendezvous.address(),
                store,
                rank,
                size,
                members.timeout);
    groups.add(group);
    NativeAddresses.register(group.address(), guard);
    return group.address();
  }

  private static <T> T withLibraries(Supplier<T> action) {
    try {
      ProcessGroupLibraries.load(
          TCPStore.class,
          TCPStoreOptions.class,
          IntOptional.class,
          Store.class,
          PrefixStore.class,
          StringVector.class,
          ByteVector.class,
          ProcessGroupGloo.class,
          ProcessGroupGloo.Options.class,
          GlooDeviceVector.class,
          Device.class,
          Milliseconds.class);
      return action.get();
    } catch (LinkageError e) {
      throw new EngineException("process groups cannot be made: " + e.getMessage(), e);
    } catch (EngineException e) {
      throw e;
    } catch (RuntimeException e) { // what JavaCPP makes of a c10::Error
      throw new EngineException(
          "the ranks cannot be connected: " + Printable.reason(e).lines().findFirst().orElse(""),
          e);
    }
  }
}
