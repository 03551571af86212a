package ai.dmt.dist;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.engine.EngineException;
import ai.dmt.internal.text.HostName;
import ai.dmt.internal.text.Printable;
import ai.dmt.train.RunIdentity;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.IntOptional;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.jspecify.annotations.Nullable;

/**
 * Where the ranks of a run meet: a store of keys that rank 0 serves. Needs {@link
 * ai.dmt.bindings.ProcessGroupLibraries}.
 */
final class Rendezvous implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);
  private static final Duration EXPLANATION = Duration.ofSeconds(4);
  private static final String RANKS_TOLD = "dmt/ranks_told";
  static final String FIRST_FAILURE = "dmt/first_failure";
  private static final String RUN = "dmt/run";
  private static final String RANK_0 = "dmt/rank_0_seen_at";
  private static final int MOST_LISTED = 10;

  private final RankEnvironment place;
  private final Duration timeout;
  private final TCPStore store;
  private final Route route;
  private final Heartbeats heartbeats;
  private boolean abandoned;

  private Rendezvous(RankEnvironment place, Duration timeout, TCPStore store, Route route) {
    this.place = place;
    this.timeout = timeout;
    this.store = store;
    this.route = route;
    this.heartbeats = Heartbeats.begin(place, store.clone());
  }

  /**
   * Returns once all ranks are there.
   *
   * @throws EngineException if ranks have not come in time, which it names; if rank 0 cannot be
   *     reached or its port is taken; if ranks disagree about the world size
   */
  static Rendezvous meet(RankEnvironment place, Duration timeout) {
    if (place.listener() == RankEnvironment.Listener.LAUNCHER) {
      return LauncherStore.meet(place, timeout);
    }
    Rendezvous rendezvous =
        connect(place, timeout, place.rank() > 0 ? Route.await(place, timeout) : null);
    rendezvous.orClose(
        () -> {
          if (!rendezvous.arrive()) {
            throw rendezvous.refused(
                "another process says that it is this rank; every RANK must be given once");
          }
          rendezvous.awaitArrivals();
          return true;
        });
    return rendezvous;
  }

  /** Reaches rank 0's store. @param route to rank 0; null if this is rank 0, or to find it */
  static Rendezvous connect(RankEnvironment place, Duration timeout, @Nullable Route route) {
    TCPStore store = open(place, timeout, place.rank() == 0);
    return new Rendezvous(
        place, timeout, store, route == null ? Route.await(place, timeout) : route);
  }

  /** What the meeting gives; if it fails, the others are told, and this is closed. */
  boolean orClose(BooleanSupplier meeting) {
    try {
      return meeting.getAsBoolean();
    } catch (RuntimeException e) {
      reportFailure(Printable.reason(e)); // rank 0 stays until all have read it
      close();
      throw e;
    }
  }

  void awaitArrivals() {
    awaitAll(Rendezvous::arrivalKey, "arrived");
  }

  /**
   * Returns once all ranks have found that theirs is the run that rank 0's is.
   *
   * @throws EngineException if one has not: on all ranks, with what differs
   */
  void agree(RunIdentity run) {
    try {
      if (place.rank() == 0) {
        compareAndSet(RUN, run.toText());
      } else {
        compareWithRank0(run);
      }
      store.add(agreementKey(place.rank()), 1);
      awaitAll(Rendezvous::agreementKey, "compared its run with rank 0's");
    } catch (EngineException e) {
      reportFailure(e.getMessage()); // rank 0 stays until all have read it
      throw e;
    }
  }

  private void compareWithRank0(RunIdentity run) {
    await(() -> store.check(new StringVector(RUN)), () -> "rank 0 has not told its run");
    List<String> differences =
        run.differences(RunIdentity.parse(compareAndSet(RUN, "")), "rank 0 has %s");
    if (!differences.isEmpty()) {
      throw refused("the ranks were started for different runs; here " + several(differences));
    }
  }

  /** Many values differ where one of them, such as another recipe, is the cause. */
  private static String several(List<String> differences) {
    int more = differences.size() - MOST_LISTED;
    return String.join("; ", differences.subList(0, Math.min(MOST_LISTED, differences.size())))
        + (more > 0 ? "; and %s more".formatted(more) : "");
  }

  /**
   * The same store for others to share and to keep, its keys under a name.
   *
   * <p>Stores that the presets allocate are Java's alone and must not be handed on; their clones
   * are counted references.
   */
  Store shared(String name) {
    try (PrefixStore prefixed = new PrefixStore(name, store.clone())) {
      return prefixed.clone();
    }
  }

  /**
   * Says that this rank has failed. Ends in bounded time, also if the store's process hangs or
   * cannot be reached any more.
   *
   * @return what is to be said in its place: the words of the rank that failed first, or its own
   *     with what is known of ranks that it has waited for; empty if there is nothing to add
   */
  Optional<String> reportFailure(String message) {
    Optional<String> said =
        within(LAST_WORDS.multipliedBy(2), "last words", () -> exchangeFailures(message));
    abandoned = said.isEmpty();
    return Optional.of(said.orElseGet(() -> withoutRank0(message)))
        .filter(text -> !text.equals(message));
  }

  /** Rank 0 is gone, or cannot be reached. */
  private String withoutRank0(String message) {
    return FailureCause.of(message).isOfOthers()
        ? "%s; rank 0 at %s does not answer any more: look at its output, its host and the way to it"
            .formatted(message, place.masterText())
        : message;
  }

  /**
   * What a call gives that may wait for a process that hangs, or for something else that listens at
   * its port; empty if it takes too long. Its thread then goes with the process.
   */
  private static <T> Optional<T> within(Duration limit, String name, Supplier<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(call.get());
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    try {
      return Optional.of(result.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while talking to rank 0", e);
    }
  }

  /** What the rank said that failed first, this one or another. */
  private String exchangeFailures(String message) {
    try {
      String prefix = "rank %s of %s: ".formatted(place.rank(), place.worldSize());
      String plain = message.startsWith(prefix) ? message : prefix + message;
      String own = FailureCause.of(message).isOfOthers() ? explained(plain) : plain;
      String first = compareAndSet(FIRST_FAILURE, own);
      store.add(RANKS_TOLD, 1);
      if (place.rank() == 0) {
        awaitRanksTold();
      }
      return first.equals(plain) ? message : first;
    } catch (RuntimeException e) {
      return withoutRank0(message); // the store went with rank 0
    }
  }

  /**
   * A failure that is of other ranks, with which they are. One whose time is over closes its
   * connections before it can say so: that message is waited for.
   */
  private String explained(String failure) {
    long[] before = Heartbeats.counts(store, place.worldSize());
    long deadline = System.nanoTime() + EXPLANATION.toNanos();
    while (System.nanoTime() < deadline) {
      if (store.check(new StringVector(FIRST_FAILURE))) {
        return failure;
      }
      pause();
    }
    long[] after = Heartbeats.counts(store, place.worldSize());
    List<Integer> silent = Heartbeats.silent(before, after);
    if (!silent.isEmpty()) {
      return "%s; not heard of for %s s: %s; look at its output, its host and the way to it"
          .formatted(failure, EXPLANATION.toSeconds(), names(silent));
    }
    return FailureCause.of(failure) == FailureCause.LOST
        ? failure
        : failure
            + "; all ranks are heard of: one computes or saves for longer than --rank-timeout, or"
            + " they reach rank 0 and not each other (GLOO_SOCKET_IFNAME, a firewall)";
  }

  private String names(List<Integer> ranks) {
    String first =
        ranks.stream()
            .limit(MOST_LISTED)
            .map(rank -> Heartbeats.name(store, rank))
            .collect(Collectors.joining(", "));
    int more = ranks.size() - MOST_LISTED;
    return more > 0 ? "%s and %s more".formatted(first, more) : first;
  }

  /** The store ends with this rank, and the others want to ask it. Ranks that are dead never do. */
  private void awaitRanksTold() {
    long deadline = System.nanoTime() + LAST_WORDS.toNanos();
    while (store.add(RANKS_TOLD, 0) < place.worldSize() && System.nanoTime() < deadline) {
      pause();
    }
  }

  @Override
  public void close() {
    heartbeats.close();
    if (!abandoned) { // else a thread still waits in it; it goes with the process
      store.close();
    }
  }

  /** Reaches the store at the master port, or serves it there. */
  static TCPStore open(RankEnvironment place, Duration timeout, boolean serves) {
    TCPStoreOptions options =
        new TCPStoreOptions()
            .port((short) place.masterPort())
            .isServer(serves)
            .waitWorkers(false)
            .timeout(new Milliseconds(timeout.toMillis()));
    try {
      if (serves && place.isOneNode()) { // by itself it listens at all addresses
        options.masterListenFd(new IntOptional(DmtEngine.listen_on_loopback(place.masterPort())));
      }
      return within(timeout, "rendezvous", () -> new TCPStore(place.meetingAddress(), options))
          .orElseThrow(
              () ->
                  new EngineException(
                      "%s: what listens there has not answered as rank 0 within %s s; check MASTER_ADDR and MASTER_PORT"
                          .formatted(place.text(), timeout.toSeconds())));
    } catch (EngineException e) {
      throw e;
    } catch (RuntimeException e) {
      String reason = Printable.reason(e);
      boolean taken = reason.contains("EADDRINUSE") || reason.contains("already in use");
      throw new EngineException(
          "%s: %s"
              .formatted(
                  place.text(),
                  taken ? "the port is in use; choose another MASTER_PORT" : firstLine(reason)),
          e);
    }
  }

  /** The address of this host that the others reach. */
  String address() {
    boolean ofRank0 = place.rank() < place.localWorldSize() && !place.isOneNode();
    InetAddress seen = null;
    if (ofRank0) {
      await(() -> store.check(new StringVector(RANK_0)), () -> "nobody has said where rank 0 is");
      seen = Route.literal(compareAndSet(RANK_0, ""));
    }
    return route.ownSeenAs(seen).getHostAddress();
  }

  /** See {@link ProcessGroups#onSilence}. */
  void onSilence(Consumer<String> listener) {
    heartbeats.onSilence(listener);
  }

  /** See {@link ProcessGroups#name}. */
  String name(int rank) {
    return Heartbeats.name(store, rank);
  }

  /** Says that this rank is there. @return false if another process has said the same */
  boolean arrive() {
    String own = route.own().getHostAddress();
    Heartbeats.tellHost(
        store, place.rank(), HostName.own() + (place.isOneNode() ? "" : " (" + own + ")"));
    if (place.rank() >= place.localWorldSize()) {
      compareAndSet(RANK_0, route.master().getHostAddress());
    }
    String worldSize = Integer.toString(place.worldSize());
    String others = compareAndSet("dmt/world_size", worldSize);
    if (!others.equals(worldSize)) {
      throw refused("WORLD_SIZE is %s here, %s at another rank".formatted(worldSize, others));
    }
    return store.add(arrivalKey(place.rank()), 1) == 1;
  }

  /** Ranks that already wait are told, and need not wait for their time to be over. */
  private EngineException refused(String reason) {
    String message = place.text() + ": " + reason;
    compareAndSet(FIRST_FAILURE, message);
    return new EngineException(message);
  }

  /** Waits for a key of every rank. @param done what a rank that has not set it has not done */
  private void awaitAll(IntFunction<String> key, String done) {
    await(() -> missing(key).isEmpty(), () -> "%s not %s".formatted(subject(missing(key)), done));
  }

  /**
   * Waits for others, and no longer if one of them has failed.
   *
   * @param failure what to say when the time is over
   */
  private void await(BooleanSupplier condition, Supplier<String> failure) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      if (store.check(new StringVector(FIRST_FAILURE))) {
        throw new EngineException(compareAndSet(FIRST_FAILURE, ""));
      }
      if (System.nanoTime() >= deadline) {
        throw new EngineException(
            "%s: %s within %s s".formatted(place.text(), failure.get(), timeout.toSeconds()));
      }
      pause();
    }
  }

  private List<Integer> missing(IntFunction<String> key) {
    List<Integer> missing = new ArrayList<>();
    for (int rank = 0; rank < place.worldSize(); rank++) {
      if (!store.check(new StringVector(key.apply(rank)))) {
        missing.add(rank);
      }
    }
    return missing;
  }

  /** Sets a key that is not there. @return its value, this one or an earlier one */
  private String compareAndSet(String key, String value) {
    ByteVector bytes = new ByteVector(value.getBytes(StandardCharsets.UTF_8));
    return new String(store.compareSet(key, new ByteVector(), bytes).get(), StandardCharsets.UTF_8);
  }

  private static String arrivalKey(int rank) {
    return "dmt/arrived/" + rank;
  }

  private static String agreementKey(int rank) {
    return "dmt/agreed/" + rank;
  }

  private static String subject(List<Integer> ranks) {
    List<String> words = ranks.stream().map(Object::toString).toList();
    int last = words.size() - 1;
    return last == 0
        ? "rank " + words.get(0) + " has"
        : "ranks %s and %s have"
            .formatted(String.join(", ", words.subList(0, last)), words.get(last));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while waiting for other ranks", e);
    }
  }
}
