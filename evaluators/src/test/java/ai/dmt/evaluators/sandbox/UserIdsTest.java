package ai.dmt.evaluators.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.config.ConfigException;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** User ids are reserved in this process and among processes. */
class UserIdsTest {
  private static final int ALL = UserIds.END - UserIds.FIRST;

  @BeforeEach
  void onlyRootReservesUsers() throws Exception {
    boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    assumeTrue(root, "only root's sandbox changes the user; this is another user");
  }

  @Test
  void noneIsReservedTwiceAndAllComeBack() {
    try (UserIds some = new UserIds(200);
        UserIds others = new UserIds(200)) {
      assertEquals(200, others.reserved().size());
      assertTrue(Collections.disjoint(some.reserved(), others.reserved()));
      assertThrows(ConfigException.class, () -> new UserIds(ALL));
    }
    try (UserIds again = new UserIds(200)) {
      assertEquals(200, again.reserved().size());
    }
  }

  @Test
  void whatAnotherProcessHasReservedIsLeftToIt() throws Exception {
    String lock =
        """
        import fcntl, sys
        file = open(sys.argv[1], "w")
        fcntl.lockf(file, fcntl.LOCK_EX)
        print("locked", flush=True)
        sys.stdin.read()
        """;
    Path file = UserIds.folder().resolve(Integer.toString(UserIds.FIRST + 7));
    Process other = new ProcessBuilder("python3", "-c", lock, file.toString()).start();
    try (BufferedReader out = other.inputReader()) {
      assertEquals("locked", out.readLine());
      ConfigException e = assertThrows(ConfigException.class, () -> new UserIds(ALL));
      assertTrue(e.getMessage().contains("other sandboxes"), e::getMessage);
      try (UserIds most = new UserIds(400)) {
        assertFalse(most.reserved().contains(UserIds.FIRST + 7));
      }
    } finally {
      other.destroyForcibly().waitFor();
    }
  }
}
