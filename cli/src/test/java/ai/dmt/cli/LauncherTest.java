package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which build the script {@code dmt} makes; a stand-in for Maven says what it was asked for. */
@Timeout(60)
class LauncherTest {
  @TempDir private Path folder;
  private LauncherRun launcher;

  @BeforeEach
  void copyScript() throws IOException {
    launcher = new LauncherRun(folder);
    launcher.program("nvcc", "echo 'Cuda compilation tools, release 13.0, V13.0.88'");
  }

  /**
   * @return the script's messages, without those of the stand-in for Maven
   */
  private String run(String gpu, int exitCode) throws IOException, InterruptedException {
    return launcher.run(exitCode, Map.of("DMT_GPU", gpu));
  }

  private String asked(String log) throws IOException {
    return launcher.asked(log);
  }

  @Test
  void buildsOfEitherKindHaveFoldersOfTheirOwn() throws IOException, InterruptedException {
    run("on", 1);
    assertTrue(asked("target/dmt/gpu/build.log").contains("-Pgpu"));
    assertFalse(Files.exists(launcher.checkout("target/dmt/build.log")));
    run("off", 1);
    assertFalse(asked("target/dmt/build.log").contains("-Pgpu"));
  }

  @Test
  void aDriverDecidesUnlessAWordDoes() throws IOException, InterruptedException {
    assumeFalse(
        Files.exists(Path.of("/proc/driver/nvidia/version")), "this machine has a GPU driver");
    launcher.program(
        "ldconfig", "echo '        libcudart.so.13 (libc6,x86-64) => /opt/libcudart.so.13'");
    run("auto", 1);
    assertFalse(asked("target/dmt/build.log").contains("-Pgpu"));
    launcher.program(
        "ldconfig", "echo '        libcuda.so.1 (libc6,x86-64) => /usr/lib/libcuda.so.1'");
    run("auto", 1);
    assertTrue(asked("target/dmt/gpu/build.log").contains("-Pgpu"));
  }

  /** Names of files and arguments are UTF-8 in a JVM that starts under such a locale. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", "LANG=C", "LC_ALL=POSIX", "LANG=xx_XX.UTF-8", "LC_ALL=de_DE.ISO-8859-1"})
  void whatTheScriptStartsHasAUtf8Locale(String setting) throws IOException, InterruptedException {
    launcher.program("maven", "locale charmap; exit 1");
    String[] words = setting.split("=");
    Map<String, String> environment = new HashMap<>(Map.of("DMT_GPU", "off"));
    if (words.length == 2) {
      environment.put(words[0], words[1]);
    }
    launcher.run(1, environment);
    assertEquals("UTF-8\n", asked("target/dmt/build.log"));
  }

  /**
   * Such as a preset that went to another module, whose old copy the class path would find first.
   */
  @Test
  void whatMovedSourcesLeftBehindIsDroppedBeforeABuild() throws IOException, InterruptedException {
    for (String there :
        new String[] {
          "src/main/java/a/kept/Kept.java",
          "src/main/resources/a/kept/kept.yaml",
          "target/classes/a/kept/Kept.class",
          "target/classes/a/kept/Kept$Inner.class",
          "target/classes/a/kept/kept.yaml",
          "target/classes/META-INF/made",
          "target/classes/a/kept/gone.yaml",
          "target/classes/a/gone/Gone.class",
          "target/test-classes/a/gone/GoneTest.class"
        }) {
      Path file = launcher.checkout("module").resolve(there);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "");
    }
    run("off", 1);
    Path target = launcher.checkout("module/target");
    for (String kept :
        new String[] {
          "a/kept/Kept.class", "a/kept/Kept$Inner.class", "a/kept/kept.yaml", "META-INF/made"
        }) {
      assertTrue(Files.exists(target.resolve("classes").resolve(kept)), kept);
    }
    assertFalse(Files.exists(target.resolve("classes/a/kept/gone.yaml")));
    assertFalse(Files.exists(target.resolve("classes/a/gone/Gone.class")));
    assertFalse(Files.exists(target.resolve("test-classes/a/gone/GoneTest.class")));
  }

  @Test
  void anotherWordIsRefused() throws IOException, InterruptedException {
    assertEquals(
        "dmt: DMT_GPU must be on, off or auto, it is \"yes\"\n", run("yes", ExitCode.USAGE));
    assertFalse(Files.exists(launcher.checkout("target")));
  }
}
