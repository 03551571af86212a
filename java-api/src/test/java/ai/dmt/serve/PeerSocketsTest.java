package ai.dmt.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerSocketsTest {
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

  @TempDir private Path folder;

  private static String name(String remote, int remotePort) {
    return PeerSockets.name(
        new InetSocketAddress("127.0.0.1", 8080), new InetSocketAddress(remote, remotePort));
  }

  @Test
  void connectionsOfBothSidesAreFoundAsTheKernelWritesThem() throws Exception {
    Path tcp =
        Files.writeString(
            folder.resolve("tcp"),
            HEAD
                + "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
                + "   1: 0100007F:1F90 0201A8C0:C350 01 00000000:00000000 00:00000000 00000000\n"
                + "   2: 0100007F:1F90 0201A8C0:C351 08 00000000:00000000 00:00000000 00000000\n");
    Path tcp6 =
        Files.writeString(
            folder.resolve("tcp6"),
            HEAD
                + "   0: 0000000000000000FFFF00000100007F:1F90"
                + " 0000000000000000FFFF00000100007F:C352 01 00000000:00000000\n"
                + "   1: 00000000000000000000000001000000:1F90"
                + " B80D0120000000000000000001000000:C353 01 00000000:00000000\n");
    assertEquals(
        Optional.of(
            Set.of(
                name("192.168.1.2", 50000), name("127.0.0.1", 50002), name("2001:db8::1", 50003))),
        new PeerSockets(List.of(tcp, tcp6)).established());
  }

  @Test
  void withoutTablesNobodyKnows() {
    PeerSockets none = new PeerSockets(List.of(folder.resolve("none")));
    assertEquals(Optional.empty(), none.established());
  }
}
