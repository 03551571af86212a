package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.TinyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that hold slices of the weights answer, and measure, as one process does. */
@Tag("multirank")
@Timeout(300)
class RanksAnswerTest {
  @TempDir private Path folder;

  private String launch(int ranks, Object... words) throws Exception {
    List<String> options = List.of("--nproc=" + ranks, "--log-dir=" + folder.resolve("logs"));
    List<String> command = Arrays.stream(words).map(Object::toString).toList();
    try (RankRun run = RankRun.start(folder.resolve("log"), RankRun.launch(options, command))) {
      assertEquals(0, run.exitCode(), run.log());
      return run.log();
    }
  }

  @Test
  void benchmarksAndHeldOutLossAreThoseOfOneProcess() throws Exception {
    Path model = TinyModel.write(folder.resolve("model"));
    StringBuilder problems = new StringBuilder();
    for (int i = 0; i < 7; i++) {
      problems.append("{\"question\": \"%s + 1?\", \"answer\": \"#### %s\"}\n".formatted(i, i + 1));
    }
    Path data = Files.writeString(folder.resolve("p.jsonl"), problems);
    Object[] words = {
      "evaluate",
      "--model",
      model,
      "--benchmarks",
      "gsm8k=" + data,
      "--held-out",
      "sums=" + data,
      "--max-new-tokens",
      9,
      "--batch-size",
      2,
      "--threads",
      1
    };
    String alone = Dmt.run(with(words, "--output", folder.resolve("alone"))).succeeds();
    String ranks = launch(3, with(words, "--output", folder.resolve("ranks")));
    assertEquals(files("alone"), files("ranks"));
    for (String table : alone.lines().toList()) {
      assertTrue(ranks.contains(table), () -> "expected \"" + table + "\" in " + ranks);
    }
  }

  private static Object[] with(Object[] words, Object... more) {
    return Stream.concat(Arrays.stream(words), Arrays.stream(more)).toArray();
  }

  private List<String> files(String output) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(output))) {
      return files
          .filter(file -> file.toString().endsWith(".jsonl"))
          .sorted()
          .map(file -> file.getFileName() + "\n" + read(file))
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void goldenCasesHoldOnTwoRanks() throws Exception {
    Path golden = SharedFiles.require("golden/gqa");
    String said = launch(2, "doctor", "--golden", golden, golden.resolveSibling("mha"));
    assertEquals(2, said.lines().filter(line -> line.endsWith(": ok")).count(), said);
    assertTrue(said.contains("greedy tokens that differ"), said);
  }
}
