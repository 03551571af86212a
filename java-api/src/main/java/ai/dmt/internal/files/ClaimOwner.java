package ai.dmt.internal.files;

import ai.dmt.internal.text.HostName;
import ai.dmt.internal.text.JsonText;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * The process that holds a claim, told so that others find out whether it is there.
 *
 * @param id of this claim alone
 * @param host name, for people
 * @param kernel what processes that can see each other share: the machine's start, and the
 *     namespace of its processes; "" where the system does not tell
 * @param process id
 * @param started when it was, since the ids of processes are used again; "" as above
 */
record ClaimOwner(String id, String host, String kernel, long process, String started) {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

  /** Of a line of /proc/PID/stat, behind the program's name, which may hold anything. */
  private static final int START_WORD = 19;

  private static final String KERNEL = ownKernel();

  /** A new claim of this process. */
  static ClaimOwner self() {
    long process = ProcessHandle.current().pid();
    return new ClaimOwner(
        UUID.randomUUID().toString(), HostName.own(), KERNEL, process, startOf(process));
  }

  /** Whether this process sees the owner, or that it is gone. */
  boolean isVisible() {
    return !kernel.isEmpty() && kernel.equals(KERNEL) && !started.isEmpty();
  }

  /** Whether an owner that is visible lives. */
  boolean lives() {
    return started.equals(startOf(process));
  }

  String toText() {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", id)
            .put("host", host)
            .put("kernel", kernel)
            .put("process", process)
            .put("started", started);
    return node.toString();
  }

  /** Reads what {@link #toText} wrote; empty if it is not whole. */
  static Optional<ClaimOwner> parse(String text) {
    try {
      JsonNode node = JsonText.parse(text);
      return node.path("id").asText().isEmpty()
          ? Optional.empty()
          : Optional.of(
              new ClaimOwner(
                  node.path("id").asText(),
                  node.path("host").asText(),
                  node.path("kernel").asText(),
                  node.path("process").asLong(),
                  node.path("started").asText()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String ownKernel() {
    try {
      return Files.readString(BOOT).strip() + " " + Files.readSymbolicLink(NAMESPACE);
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private static String startOf(long process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process + "/stat"));
      String[] words = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
      boolean gone = words[0].equals("Z") || words[0].equals("X");
      return gone ? "" : words[START_WORD];
    } catch (IOException | IndexOutOfBoundsException e) {
      return "";
    }
  }
}
