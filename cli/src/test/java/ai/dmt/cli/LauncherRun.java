package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The script {@code dmt} in a checkout of its own; a stand-in for Maven says what it was asked for.
 */
final class LauncherRun {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private final Path folder;

  /** Puts what the script reads before it builds into a folder. */
  LauncherRun(Path folder) throws IOException {
    this.folder = folder;
    for (String file : new String[] {"dmt", "pom.xml", "native/src/cuda/dmt_cuda.h"}) {
      copy(file);
    }
    try (Stream<Path> files = Files.list(ROOT.resolve("cmake"))) {
      for (Path file : files.toList()) {
        copy("cmake/" + file.getFileName());
      }
    }
    program("maven", "echo \"$@\"; exit 1");
  }

  private void copy(String file) throws IOException {
    Path copy = checkout(file);
    Files.createDirectories(copy.getParent());
    Files.copy(ROOT.resolve(file), copy);
  }

  Path checkout(String file) {
    return folder.resolve("checkout").resolve(file);
  }

  /** A program that comes before the machine's of its name. */
  void program(String name, String line) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/usr/bin/env bash\n" + line + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  /** Runs the script. @return its messages, without those of the stand-in for Maven */
  String run(int exitCode, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path messages = folder.resolve("messages");
    ProcessBuilder builder =
        new ProcessBuilder("bash", checkout("dmt").toString(), "--help")
            .redirectErrorStream(true)
            .redirectOutput(messages.toFile());
    builder.environment().put("DMT_MVN", folder.resolve("maven").toString());
    builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
    builder.environment().keySet().removeIf(name -> name.equals("LANG") || name.startsWith("LC_"));
    builder.environment().remove("CUDA_HOME");
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertTrue(process.waitFor(50, TimeUnit.SECONDS));
    String said = Files.readString(messages);
    assertEquals(exitCode, process.exitValue(), said);
    return said;
  }

  /** What Maven was asked for. */
  String asked(String log) throws IOException {
    return Files.readString(checkout(log));
  }
}
