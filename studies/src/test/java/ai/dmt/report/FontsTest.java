package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FontsTest {
  /** Folders with fonts and their settings. */
  private static final List<String> FONTS =
      List.of("/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts");

  @Test
  void thisMachineHasFonts() {
    assertDoesNotThrow(Fonts::require);
  }

  @Test
  void aMachineWithoutFontsIsToldWhatToInstall() throws Exception {
    List<String> command = new ArrayList<>(List.of("bwrap", "--dev-bind", "/", "/"));
    for (String folder : FONTS) {
      if (Files.isDirectory(Path.of(folder))) {
        command.addAll(List.of("--tmpfs", folder));
      }
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", "/nonexistent"); // fonts of the user
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(2, process.waitFor(), said);
    assertTrue(said.contains("figures cannot be drawn"), said);
    assertTrue(said.contains("apt-get install fontconfig"), said);
  }

  /** Says what is missing. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      try {
        Fonts.require();
      } catch (ConfigException e) {
        System.out.println(e.getMessage());
        System.exit(2);
      }
    }
  }
}
