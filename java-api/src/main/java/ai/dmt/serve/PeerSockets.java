package ai.dmt.serve;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Connections of this machine whose both sides are there, as Linux lists them in /proc. The JDK's
 * server does not look at a connection while its request is answered, and would notice that a
 * client has gone only when it writes the answer.
 */
final class PeerSockets {
  private static final String ESTABLISHED = "01";

  private final List<Path> tables;

  /** Those of the kernel. */
  PeerSockets() {
    this(List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6")));
  }

  /** Those of files in the kernel's form. */
  PeerSockets(List<Path> tables) {
    this.tables = tables;
  }

  /** How a connection is found in {@link #established}. */
  static String name(InetSocketAddress local, InetSocketAddress remote) {
    return name(local.getPort(), remote.getAddress(), remote.getPort());
  }

  private static String name(int localPort, InetAddress remote, int remotePort) {
    String address = HexFormat.of().formatHex(remote.getAddress());
    return "%s %s %s".formatted(localPort, address, remotePort);
  }

  /** {@return connections that neither side has closed; empty if the kernel does not tell} */
  Optional<Set<String>> established() {
    Set<String> names = new TreeSet<>();
    boolean told = false;
    for (Path table : tables) {
      try {
        for (String line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
          add(line.strip().split("\\s+"), names);
        }
        told = true;
      } catch (IOException e) {
        continue; // no IPv6, say
      }
    }
    return told ? Optional.of(names) : Optional.empty();
  }

  /** A line: number, local address, remote address, state; and more that does not matter here. */
  private static void add(String[] words, Set<String> names) throws UnknownHostException {
    if (words.length < 4 || !words[3].equals(ESTABLISHED)) {
      return;
    }
    String[] local = words[1].split(":");
    String[] remote = words[2].split(":");
    names.add(
        name(
            Integer.parseInt(local[1], 16),
            InetAddress.getByAddress(bytes(remote[0])),
            Integer.parseInt(remote[1], 16)));
  }

  /** An address is written as numbers of 32 bits in the order of the machine, little end first. */
  private static byte[] bytes(String hex) {
    byte[] written = HexFormat.of().parseHex(hex);
    byte[] address = new byte[written.length];
    for (int i = 0; i < address.length; i++) {
      address[i] = written[i / 4 * 4 + 3 - i % 4];
    }
    return address;
  }
}
