package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a terminal gets of a run: util-linux's script gives it one. */
@Tag("native")
@Timeout(120)
class TerminalTest {
  private static final int COLUMNS = 50;

  @TempDir private Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    TinyModel.write(folder.resolve("model"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append("{\"question\": \"%s + 1?\", \"answer\": \"%s\"}\n".formatted(i, i + 1));
    }
    Files.writeString(folder.resolve("d.jsonl"), lines);
  }

  /** Trains in a terminal. @return all that it got */
  private String train(String term, String... more) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(JavaWords.of(Main.class));
    words.addAll(
        List.of(
            "train",
            "--model",
            folder.resolve("model").toString(),
            "--data",
            "sums=" + folder.resolve("d.jsonl"),
            "--output",
            folder.resolve("out").toString(),
            "--overwrite",
            "global_train_batch_size=4",
            "num_train_epochs=1"));
    words.addAll(List.of(more));
    Path command = folder.resolve("command");
    Files.writeString(
        command, "stty cols %s\nexec '%s'\n".formatted(COLUMNS, String.join("' '", words)));
    Path typescript = folder.resolve("typescript");
    ProcessBuilder builder =
        new ProcessBuilder("script", "-qec", "sh " + command, typescript.toString());
    builder.environment().put("TERM", term);
    Process process =
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("echo").toFile()).start();
    process.getOutputStream().close();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String got = Files.readString(folder.resolve("echo"), StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), got);
    return got;
  }

  @Test
  void oneLineStandsForAllSteps() throws Exception {
    String got = train("xterm");
    assertTrue(got.contains("\r\u001b[J"), got);
    assertFalse(got.contains("epoch 0."), got);
    List<String> drawn =
        Stream.of(got.split("\r\u001b\\[J|\r?\n"))
            .filter(part -> part.contains("% ") && part.contains("left  loss"))
            .toList();
    assertFalse(drawn.isEmpty(), got);
    drawn.forEach(each -> assertTrue(each.length() < COLUMNS, each));
    assertTrue(got.stripTrailing().lines().toList().get(0).startsWith("sources"), got);
    String end = got.substring(got.lastIndexOf("\r\u001b[J") + 4).strip();
    assertEquals("", end, got); // nothing of the line is left
    assertTrue(got.contains("done after 10 of 10 steps"), got);
  }

  @Test
  void aTerminalThatCannotRedrawGetsLines() throws Exception {
    String got = train("dumb");
    assertFalse(got.contains("\u001b[J"), got);
    assertTrue(got.contains("step 10/10  epoch 1.00"), got);
  }

  @Test
  void quietSaysHowItEnded() throws Exception {
    String got = train("xterm", "--quiet").strip();
    assertTrue(got.startsWith("done after 10 of 10 steps"), got);
    assertEquals(1, got.lines().count(), got);
  }
}
