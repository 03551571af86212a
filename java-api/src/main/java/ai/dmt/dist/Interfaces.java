package ai.dmt.dist;

import ai.dmt.config.ConfigException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Network interfaces that variables name, as this host has them. */
final class Interfaces {
  static final String GLOO = "GLOO_SOCKET_IFNAME";
  private static final String NCCL = "NCCL_SOCKET_IFNAME";

  private Interfaces() {}

  /**
   * Looks names up.
   *
   * @throws ConfigException if this host has none of them: with those that it has
   */
  static void demand(Map<String, String> environment) {
    names(environment.getOrDefault(GLOO, "")).forEach(Interfaces::demandGloo);
    String nccl = environment.getOrDefault(NCCL, "").strip();
    if (!nccl.isEmpty() && all().stream().noneMatch(each -> ncclTakes(nccl, each.getName()))) {
      throw new ConfigException(
          "%s=%s: this host has no such network interface; it has %s"
              .formatted(NCCL, nccl, text()));
    }
  }

  /** Names of a list. */
  static List<String> names(String list) {
    return Arrays.stream(list.split(",")).map(String::strip).filter(n -> !n.isEmpty()).toList();
  }

  private static void demandGloo(String name) {
    if (all().stream().noneMatch(each -> each.getName().equals(name))) {
      throw new ConfigException(
          "%s=%s: this host has no such network interface; it has %s"
              .formatted(GLOO, name, text()));
    }
  }

  /** NCCL's rules: prefixes, with = whole names, with ^ those that are not to be taken. */
  private static boolean ncclTakes(String list, String name) {
    boolean not = list.startsWith("^");
    String rest = not ? list.substring(1) : list;
    boolean whole = rest.startsWith("=");
    boolean listed =
        names(whole ? rest.substring(1) : rest).stream()
            .anyMatch(each -> whole ? name.equals(each) : name.startsWith(each));
    return listed != not;
  }

  /** Those of this host with their addresses, such as "eth0 (10.0.0.1), lo (127.0.0.1)". */
  private static String text() {
    return all().stream()
        .map(
            each ->
                each.inetAddresses()
                    .map(address -> address.getHostAddress().replaceAll("%.*", ""))
                    .collect(Collectors.joining(", ", each.getName() + " (", ")")))
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static List<NetworkInterface> all() {
    try {
      return new ArrayList<>(Collections.list(NetworkInterface.getNetworkInterfaces()));
    } catch (SocketException e) {
      throw new ConfigException("network interfaces cannot be listed: " + e.getMessage(), e);
    }
  }
}
