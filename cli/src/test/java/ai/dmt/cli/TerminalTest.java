package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    List<String> words = trainWords();
    words.add("num_train_epochs=1");
    words.addAll(List.of(more));
    return PseudoTerminal.run(folder, term, words);
  }

  private List<String> trainWords() {
    return words(
        "train",
        "--model",
        folder.resolve("model").toString(),
        "--data",
        "sums=" + folder.resolve("d.jsonl"),
        "--output",
        folder.resolve("out").toString(),
        "--overwrite",
        "global_train_batch_size=4");
  }

  @Test
  void oneLineStandsForAllSteps() throws Exception {
    String got = train("xterm");
    assertTrue(got.contains("\r\u001b[J"), got);
    assertFalse(got.contains("epoch 0."), got);
    assertDrawn(PseudoTerminal.drawn(got, "% ", "left  loss"), got);
    assertTrue(got.stripTrailing().lines().toList().get(0).startsWith("sources"), got);
    assertErased(got);
    assertTrue(got.contains("done after 10 of 10 steps"), got);
  }

  @Test
  void aRunThatIsKilledLeavesNoLibraryInTheTemporaryFolder() throws Exception {
    List<String> words = trainWords();
    words.add("num_train_epochs=1000");
    try (PseudoTerminal terminal = PseudoTerminal.start(folder, "xterm", words)) {
      terminal.waitFor("left  loss", 1); // the line is drawn
      try (Stream<Path> files = Files.list(folder.resolve("tmp"))) {
        assertEquals(List.of(), files.filter(each -> each.toString().contains("jline")).toList());
      }
    }
  }

  private static void assertDrawn(List<String> drawn, String got) {
    assertFalse(drawn.isEmpty(), got);
    drawn.forEach(each -> assertTrue(each.length() < PseudoTerminal.COLUMNS, each));
  }

  /** Nothing of the line is left: what is printed after it was taken away ends with its line. */
  private static void assertErased(String got) {
    String end = got.substring(got.lastIndexOf(PseudoTerminal.ERASE) + 4);
    assertFalse(end.contains("%"), got);
  }

  private static List<String> words(String... words) {
    return new ArrayList<>(List.of(words));
  }

  private List<String> studyWords() throws IOException {
    Path preset =
        MiniStudy.write(folder, List.of("math", "general"), "dmt_k: [0, 1]", "headline_k: 1");
    List<String> words = words("study", "strategies", "--preset", preset.toString(), "--output");
    words.addAll(List.of(folder.resolve("study").toString(), "--only", "math only seed 42"));
    return words;
  }

  @Test
  void aStudyThatIsInterruptedTakesItsLineAway() throws Exception {
    List<String> words = studyWords();
    words.addAll(List.of("--jobs", "1", "training.num_train_epochs=10000"));
    try (PseudoTerminal terminal = PseudoTerminal.start(folder, "xterm", words)) {
      terminal.waitFor("/2 tasks", 1);
      terminal.type("\u0003");
      assertErased(terminal.end(ExitCode.INTERRUPTED));
    }
  }

  /** In two processes, whose first stage diverges. */
  @Test
  void aStudyHasOneLineForAllTasksAndWhatFailsIsSaidAboveIt() throws Exception {
    List<String> words = studyWords();
    words.addAll(List.of("--jobs", "2", "training.learning_rate=1e30"));
    try (PseudoTerminal terminal = PseudoTerminal.start(folder, "xterm", words)) {
      String got = terminal.end(ExitCode.FAILED);
      assertDrawn(PseudoTerminal.drawn(got, "% ", "/2 tasks"), got);
      assertErased(got);
      assertFalse(PseudoTerminal.drawn(got, "dmt: ", ": failed: ", "finite").isEmpty(), got);
      assertFalse(got.contains("base: "), got); // no line of a task
      assertTrue(got.contains("0 of 1 cells done"), got);
    }
  }

  @Test
  void preparingHasALine() throws Exception {
    Path recipe =
        Files.writeString(
            folder.resolve("recipe.yaml"),
            """
            model: %1$s/model
            sources:
              sums: {role: specialized, files: [%1$s/d.jsonl]}
              more: {role: general, files: [%1$s/d.jsonl]}
            data: {cutoff_len: 256}
            """
                .formatted(folder));
    String got =
        PseudoTerminal.run(folder, "xterm", words("prepare", recipe.toString(), "--no-cache"));
    assertDrawn(PseudoTerminal.drawn(got, "source 1/2: sums"), got);
    assertDrawn(PseudoTerminal.drawn(got, "source 2/2: more", " left  "), got);
    assertErased(got);
    assertTrue(got.contains("sums: 40 samples"), got);
  }

  @Test
  void anInterruptEndsAnAnswerAndThenTheChat() throws Exception {
    Path config = folder.resolve("model/config.json"); // an answer that does not end by itself
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("(\"max_position_embeddings\"\\s*:\\s*)\\d+", "$1200000"));
    String model = folder.resolve("model").toString();
    List<String> words = words("chat", "--model", model, "--max-new-tokens", "100000");
    try (PseudoTerminal terminal = PseudoTerminal.start(folder, "xterm", words)) {
      for (int answers = 1; answers <= 2; answers++) {
        terminal.waitFor("> ", answers);
        int before = terminal.shown().length();
        terminal.type("hello\n");
        while (terminal.shown().length() < before + 20) { // of the answer
          Thread.sleep(20);
        }
        terminal.type("\u0003");
        terminal.waitFor("the answer was ended", answers);
      }
      terminal.waitFor("> ", 3);
      terminal.type("\u0003");
      terminal.end(ExitCode.INTERRUPTED);
    }
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
