package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.dist.RankEnvironment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands of a page of docs/: what its blocks of bash hold, in their order. */
final class Guide {
  private static final Pattern COMMANDS = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);
  private static final String PORT = "8080";

  /** What a page starts in the background does not outlive a page that fails. */
  private static final String FRAME =
      "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n";

  private Guide() {}

  /**
   * Runs all commands of a page as one script, which ends at the first that fails.
   *
   * @param folder where they run; {@code ./dmt} there is this build
   * @param more commands after the page's
   * @return what they printed
   */
  static String run(String page, Path folder, String more)
      throws IOException, InterruptedException {
    Path dmt = folder.resolve("dmt");
    Files.writeString(dmt, "#!/bin/bash\nexec %s \"$@\"\n".formatted(quotedJava()));
    assertTrue(dmt.toFile().setExecutable(true));
    Path log = folder.resolve("log");
    Process bash =
        new ProcessBuilder("bash", "-c", FRAME + commands(page) + more)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertTrue(bash.waitFor(280, TimeUnit.SECONDS), () -> page + " does not end");
    } finally {
      bash.descendants().forEach(ProcessHandle::destroyForcibly);
      bash.destroyForcibly();
    }
    String printed = Files.readString(log);
    assertEquals(0, bash.exitValue(), printed);
    return printed;
  }

  /** Whether a page has blocks that are to be run. */
  static boolean hasCommands(Path page) {
    try {
      return COMMANDS.matcher(Files.readString(page)).find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String commands(String page) throws IOException {
    StringBuilder script = new StringBuilder();
    Matcher commands = COMMANDS.matcher(Files.readString(Path.of("../docs", page)));
    while (commands.find()) {
      script.append(commands.group(1));
    }
    assertTrue(script.indexOf("./dmt ") >= 0, () -> page + " has no commands");
    return script.toString().replace(PORT, Integer.toString(RankEnvironment.freePort()));
  }

  private static String quotedJava() {
    return String.join(" ", JavaWords.of(Main.class).stream().map(w -> "'" + w + "'").toList());
  }
}
