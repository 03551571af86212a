package ai.dmt.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every Linux has the interface lo. */
class InterfacesTest {
  private static void demand(String variable, String value) {
    RankEnvironment.demandInterfaces(Map.of(variable, value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GLOO_SOCKET_IFNAME | lo",
        "GLOO_SOCKET_IFNAME | lo, lo",
        "NCCL_SOCKET_IFNAME | lo",
        "NCCL_SOCKET_IFNAME | l",
        "NCCL_SOCKET_IFNAME | =lo",
        "NCCL_SOCKET_IFNAME | nowhere,lo",
        "NCCL_SOCKET_IFNAME | ^nowhere"
      })
  void interfacesOfThisHostAreTaken(String variable, String value) {
    demand(variable, value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GLOO_SOCKET_IFNAME | l",
        "GLOO_SOCKET_IFNAME | lo,nowhere",
        "NCCL_SOCKET_IFNAME | =l",
        "NCCL_SOCKET_IFNAME | nowhere"
      })
  void othersAreToldWithThoseThatThereAre(String variable, String value) {
    ConfigException e = assertThrows(ConfigException.class, () -> demand(variable, value));
    assertTrue(e.getMessage().startsWith(variable + "="), e.getMessage());
    assertTrue(
        e.getMessage().contains(": this host has no such network interface; it has "),
        e.getMessage());
    assertTrue(e.getMessage().contains("lo ("), e.getMessage());
  }

  @Test
  void aListHasCommas() {
    assertEquals(List.of("eth0", "ib0"), Interfaces.names(" eth0, ib0,"));
    assertEquals(List.of(), Interfaces.names(""));
  }

  @Test
  void anAddressOfLoopbackIsNotGivenToOtherNodes() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.1.1");
    InetAddress seen = InetAddress.getByName("10.0.0.1");
    InetAddress foreign = InetAddress.getByName("192.0.2.1");
    assertEquals(seen, new Route(seen, seen).ownSeenAs(foreign));
    assertEquals(loopback, new Route(loopback, loopback).ownSeenAs(null));
    assertEquals(loopback, new Route(loopback, loopback).ownSeenAs(foreign), "not of this host");
  }
}
