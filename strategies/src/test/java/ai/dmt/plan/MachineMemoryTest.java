package ai.dmt.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of machines and containers, from copies of their files. */
class MachineMemoryTest {
  private static final long GB = 1 << 30;

  @TempDir private Path root;

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text + "\n");
  }

  @Test
  void nothingSaidIsNoLimit() {
    assertEquals(Long.MAX_VALUE, MachineMemory.bytes(root));
  }

  @Test
  void theLeastOfMachineAndGroupsCounts() throws IOException {
    write("proc/meminfo", "MemFree: 1 kB\nMemTotal:       16777216 kB");
    assertEquals(16 * GB, MachineMemory.bytes(root));
    write("proc/self/cgroup", "0::/a/b");
    write("sys/fs/cgroup/a/b/memory.max", "max");
    assertEquals(16 * GB, MachineMemory.bytes(root));
    write("sys/fs/cgroup/a/memory.max", Long.toString(4 * GB));
    assertEquals(4 * GB, MachineMemory.bytes(root), "of the group above");
    write("sys/fs/cgroup/memory.max", Long.toString(2 * GB));
    assertEquals(2 * GB, MachineMemory.bytes(root), "of a container's top");
  }

  @Test
  void firstVersionOfGroups() throws IOException {
    write("proc/meminfo", "MemTotal: 16777216 kB");
    write("proc/self/cgroup", "5:cpu,memory:/docker/1\n0::/");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
    assertEquals(16 * GB, MachineMemory.bytes(root));
    write("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", Long.toString(3 * GB));
    assertEquals(3 * GB, MachineMemory.bytes(root));
  }

  @Test
  void thisMachineSays() {
    assertTrue(MachineMemory.bytes() > 1 << 28);
    assertEquals(MachineMemory.bytes(), Machine.here().memory());
  }
}
