package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.LearntModel;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/serve.md, as they stand there, but for the port. */
@Tag("native")
@Timeout(120)
class ServeGuideTest {
  private static final Pattern COMMANDS = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;

  @Test
  void commandsDoWhatThePageSays() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "skipped: there is no /usr/bin/curl");
    Matcher commands = COMMANDS.matcher(Files.readString(Path.of("../docs/serve.md")));
    assertTrue(commands.find());
    new LearntModel(folder.resolve("tuned"), 512)
        .with("vicuna_v1.1", "Say it.", "Said it.")
        .write();
    Path dmt = folder.resolve("dmt");
    Files.writeString(dmt, "#!/bin/bash\nexec %s \"$@\"\n".formatted(quoted()));
    assertTrue(dmt.toFile().setExecutable(true));
    String script =
        "set -euo pipefail\n"
            + commands.group(1).replace("8080", port())
            + "wait $! && echo ended\n";
    Path log = folder.resolve("log");
    Process bash =
        new ProcessBuilder("bash", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertTrue(bash.waitFor(100, TimeUnit.SECONDS), () -> "it does not end");
    } finally {
      bash.descendants().forEach(ProcessHandle::destroyForcibly);
      bash.destroyForcibly();
    }
    String printed = Files.readString(log);
    assertEquals(0, bash.exitValue(), printed);
    for (String expected :
        List.of(
            "Said it.\n",
            "{\"status\":\"ok\"}",
            "\"id\":\"tuned\"",
            "\"content\":\"Said it.\"",
            "data: [DONE]",
            "dmt_slots 16",
            "ended")) {
      assertTrue(printed.contains(expected), () -> expected + " in " + printed);
    }
  }

  private static String quoted() {
    return String.join(" ", JavaWords.of(Main.class).stream().map(w -> "'" + w + "'").toList());
  }

  private static String port() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return Integer.toString(socket.getLocalPort());
    }
  }
}
