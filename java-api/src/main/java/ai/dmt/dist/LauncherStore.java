package ai.dmt.dist;

import ai.dmt.engine.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;

/**
 * The store that torchrun serves at the master port, where rank 0 says at which port it listens
 * itself. The store outlives the ranks, also where they are started again: what is written there
 * may be an earlier rank 0's, which is gone or about to go.
 */
final class LauncherStore {
  private static final String KEY = "dmt/rank_0";

  private LauncherStore() {}

  /**
   * Returns once all ranks are there.
   *
   * @throws EngineException as {@link Rendezvous#meet}
   */
  static Rendezvous meet(RankEnvironment place, Duration timeout) {
    try (TCPStore store = Rendezvous.open(place, timeout, false)) {
      if (place.rank() == 0) {
        RankEnvironment own = place.at(RankEnvironment.freePort());
        // The number tells this start from earlier ones that had the same port.
        String said = own.masterPort() + " " + UUID.randomUUID();
        store.set(KEY, new ByteVector(said.getBytes(StandardCharsets.UTF_8)));
        return Rendezvous.meet(own, timeout);
      }
      return find(store, place, timeout);
    }
  }

  private static Rendezvous find(TCPStore store, RankEnvironment place, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Set<String> earlier = new HashSet<>();
    String said = "nothing";
    while (System.nanoTime() < deadline) {
      if (store.check(new StringVector(KEY))) {
        said = new String(store.get(KEY).get(), StandardCharsets.UTF_8);
        RankEnvironment own = place.at(port(said));
        Optional<Route> route = earlier.contains(said) ? Optional.empty() : route(own, timeout);
        if (route.isPresent()) {
          Optional<Rendezvous> met = join(own, timeout, route.get());
          if (met.isPresent()) {
            return met.get();
          }
          earlier.add(said);
        }
      }
      Route.pause();
    }
    throw new EngineException(
        "%s: no rank 0 has come to its launcher's store within %s s; the last that was said there is \"%s\"; check rank 0's output"
            .formatted(place.text(), timeout.toSeconds(), said));
  }

  /** Empty if nothing listens there: rank 0 will, or does not any more. */
  private static Optional<Route> route(RankEnvironment place, Duration timeout) {
    try {
      return Optional.of(Route.find(place, timeout));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Empty if the ranks that are met there are of an earlier start, which this rank had a part in.
   */
  private static Optional<Rendezvous> join(RankEnvironment place, Duration timeout, Route route) {
    Rendezvous rendezvous = Rendezvous.connect(place, timeout, route);
    boolean joined =
        rendezvous.orClose(
            () -> {
              boolean first = rendezvous.arrive();
              if (first) {
                rendezvous.awaitArrivals();
              }
              return first;
            });
    if (!joined) {
      rendezvous.close();
    }
    return joined ? Optional.of(rendezvous) : Optional.empty();
  }

  private static int port(String said) {
    String number = said.split(" ", 2)[0];
    if (!number.matches("\\d{1,5}")) {
      throw new EngineException(
          "%s in the launcher's store must begin with a port, it is \"%s\"".formatted(KEY, said));
    }
    return Integer.parseInt(number);
  }
}
