package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import picocli.CommandLine;

/** Runs a command in this process and keeps what it printed. */
final class Dmt {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final int exitCode;

  private Dmt(Object... words) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    exitCode =
        commandLine.execute(Arrays.stream(words).map(Object::toString).toArray(String[]::new));
  }

  /** Runs a command. @param words turned into texts */
  static Dmt run(Object... words) {
    return new Dmt(words);
  }

  /** Demands success and gives standard output. */
  String succeeds() {
    assertEquals(ExitCode.OK, exitCode, this::toString);
    return out.toString();
  }

  /** Demands an exit code and that the error says each of some texts; gives the whole of it. */
  String fails(int code, String... texts) {
    assertEquals(code, exitCode, this::toString);
    for (String text : texts) {
      assertTrue(err.toString().contains(text), () -> "expected \"" + text + "\" in " + this);
    }
    assertTrue(!err.toString().contains("\tat "), () -> "a stack trace is no message: " + this);
    return err.toString();
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }

  int exitCode() {
    return exitCode;
  }

  @Override
  public String toString() {
    return "exit %s%nout: %s%nerr: %s".formatted(exitCode, out, err);
  }
}
