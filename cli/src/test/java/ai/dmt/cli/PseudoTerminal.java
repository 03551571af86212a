package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A command in a terminal of its own, which util-linux's script gives it; closing it ends it. */
final class PseudoTerminal implements AutoCloseable {
  static final int COLUMNS = 50;

  /** What begins a line that is drawn again. */
  static final String ERASE = "\r\u001b[J";

  private static final long PATIENCE_SECONDS = 60;

  private final Path echo;
  private final Process process;

  private PseudoTerminal(Path echo, Process process) {
    this.echo = echo;
    this.process = process;
  }

  /**
   * Starts {@code dmt}.
   *
   * @param folder for what it needs
   * @param term kind of terminal
   */
  static PseudoTerminal start(Path folder, String term, List<String> words) throws IOException {
    List<String> all = new ArrayList<>(JavaWords.of(Main.class));
    all.addAll(words);
    all.add(1, "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
    Path command = folder.resolve("command");
    // What a shell starts in the background ignores Ctrl-C, and so would all that these tests
    // start.
    String program = "exec env --default-signal=INT '%s'".formatted(String.join("' '", all));
    Files.writeString(command, "stty cols %s\n%s\n".formatted(COLUMNS, program));
    Path echo = folder.resolve("echo");
    ProcessBuilder builder =
        new ProcessBuilder(
            "script", "-qec", "sh " + command, folder.resolve("typescript").toString());
    builder.environment().put("TERM", term);
    return new PseudoTerminal(
        echo, builder.redirectErrorStream(true).redirectOutput(echo.toFile()).start());
  }

  /** All that a command prints that nobody types to, and that succeeds. */
  static String run(Path folder, String term, List<String> words)
      throws IOException, InterruptedException {
    try (PseudoTerminal terminal = start(folder, term, words)) {
      terminal.process.getOutputStream().close();
      return terminal.end(ExitCode.OK);
    }
  }

  /** What was printed so far. */
  String shown() throws IOException {
    return Files.readString(echo, StandardCharsets.UTF_8);
  }

  /** Types. */
  void type(String text) throws IOException {
    OutputStream keys = process.getOutputStream();
    keys.write(text.getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  /** Waits until a text was printed so often. */
  void waitFor(String text, int times) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (shown().split(java.util.regex.Pattern.quote(text), -1).length <= times) {
      assertTrue(process.isAlive() && System.nanoTime() < end, shown());
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Waits for the end. @return all that was printed */
  String end(int exitCode) throws IOException, InterruptedException {
    assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), shown());
    assertEquals(exitCode, process.exitValue(), shown());
    return shown();
  }

  /** What was drawn that holds all of some words. */
  static List<String> drawn(String shown, String... words) {
    return Stream.of(shown.split("\r\u001b\\[J|\r?\n"))
        .filter(part -> Stream.of(words).allMatch(part::contains))
        .toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
