package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    return commandLine.execute(args);
  }

  @Test
  void helpNamesTheProgram() {
    assertEquals(ExitCode.OK, execute("--help"));
    assertTrue(out.toString().startsWith("Usage: dmt"), out.toString());
  }

  @Test
  void versionIsMavens() {
    assertEquals(ExitCode.OK, execute("--version"));
    assertTrue(out.toString().matches("dmt \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R"), out.toString());
  }

  @Test
  void noCommandIsAUsageError() {
    assertEquals(ExitCode.USAGE, execute());
    assertTrue(err.toString().contains("name a command"), err.toString());
  }
}
