package ai.dmt.evaluators.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Interpreters run wherever they lie, here under /tmp, and one that is broken is named as such. */
@Timeout(600)
class PythonInterpreterTest {
  @TempDir private Path folder;
  private Path environment;

  @BeforeEach
  void makeEnvironment() throws Exception {
    environment = folder.resolve("of mine/env");
    run("python3", "-m", "venv", "--without-pip", environment.toString());
    try (Stream<Path> lib = Files.list(environment.resolve("lib"))) {
      Path modules = lib.findFirst().orElseThrow().resolve("site-packages");
      Files.writeString(modules.resolve("only_here.py"), "one = 1\n");
    }
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  private static String outcome(Path python) throws Exception {
    SandboxSettings settings =
        new SandboxSettings(python.toString(), 1, SandboxLimits.defaults(), false);
    try (Sandbox sandbox = Sandbox.open(settings)) {
      return sandbox.run(PythonProgram.of("import only_here\nassert only_here.one == 1")).text();
    }
  }

  @Test
  void environmentBringsItsModules() throws Exception {
    assertEquals("passed", outcome(environment.resolve("bin/python")));
  }

  @Test
  void environmentIsFoundThroughLinks() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), environment);
    assertEquals("passed", outcome(link.resolve("bin/python3")));
    Path launcher = Files.writeString(folder.resolve("launcher"), script("exec %s \"$@\""));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertEquals("passed", outcome(launcher));
    // As an environment of an interpreter that is itself reached through a link elsewhere
    Path python = environment.resolve("bin/python");
    Path target = python.toRealPath();
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere")).resolve("python");
    Files.createSymbolicLink(elsewhere, target);
    Files.delete(python);
    Files.createSymbolicLink(python, elsewhere);
    assertEquals("passed", outcome(python));
  }

  private String script(String line) {
    return "#!/bin/sh\n" + line.formatted("'%s'".formatted(environment.resolve("bin/python")));
  }

  @Test
  void brokenInterpreterIsBlamedAndNotTheSandbox() throws IOException {
    Path python = environment.resolve("bin/python");
    Files.delete(python);
    Files.createSymbolicLink(python, folder.resolve("gone"));
    assertBlamed(python, "cannot start");
    Path none =
        Files.writeString(folder.resolve("none"), "#!/bin/sh\necho no such library >&2; exit 3\n");
    Files.setPosixFilePermissions(none, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertBlamed(none, "exit code 3, no such library");
  }

  private static void assertBlamed(Path python, String fault) {
    SandboxSettings settings =
        new SandboxSettings(python.toString(), 1, SandboxLimits.defaults(), false);
    ConfigException e = assertThrows(ConfigException.class, () -> Sandbox.open(settings));
    for (String part : List.of(python.toString(), fault)) {
      assertTrue(e.getMessage().contains(part), e::getMessage);
    }
    assertFalse(e.getMessage().contains("sandbox"), e::getMessage);
  }
}
