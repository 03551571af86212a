package ai.dmt.watch;

import ai.dmt.internal.http.HttpDoor;
import ai.dmt.internal.text.Faults;
import java.util.Optional;

/**
 * Where a {@link WatchServer} is to be seen.
 *
 * @param host name or address that it listens at
 * @param port 0 for any that is free
 * @param key that readers must give, as password or as bearer token; needed where others than this
 *     machine can connect
 */
public record WatchSettings(String host, int port, Optional<String> key) {
  /**
   * Checks ranges.
   *
   * @param host name or address that it listens at
   * @param port 0 for any that is free
   * @param key that readers must give; needed where others than this machine can connect
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public WatchSettings {
    Faults faults = new Faults("watch");
    HttpDoor.check(faults, host, port, key);
    faults.throwIfAny();
  }

  /**
   * {@return settings for readers on this machine: the loopback interface, no key}
   *
   * @param port 0 for any that is free
   */
  public static WatchSettings local(int port) {
    return new WatchSettings("127.0.0.1", port, Optional.empty());
  }

  /** {@return host and port alone: the key must not get into a log} */
  @Override
  public String toString() {
    return "WatchSettings[host=%s, port=%s]".formatted(host, port);
  }
}
