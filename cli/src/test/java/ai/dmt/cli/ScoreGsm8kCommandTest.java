package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.ScoreReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreGsm8kCommandTest {
  @TempDir private Path folder;

  private Path problems() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      lines.append("{\"question\": \"q\", \"answer\": \"#### %s\"}%n".formatted(i));
    }
    return Files.writeString(folder.resolve("p.jsonl"), lines);
  }

  private Path completions(String... lines) throws IOException {
    return Files.writeString(folder.resolve("c.jsonl"), String.join("\n", lines));
  }

  private static String line(int id, String completion) {
    return "{\"id\": %s, \"completion\": \"%s\"}".formatted(id, completion);
  }

  @Test
  void allModesArePrintedAndWritten() throws IOException {
    Path json = folder.resolve("scores.json");
    Path completions = completions(line(2, "#### 2."), line(0, "It is 0"), line(1, "#### 1"));
    String out =
        Dmt.run(
                "score",
                "gsm8k",
                "--problems",
                problems(),
                "--completions",
                completions,
                "--json",
                json)
            .succeeds();
    assertTrue(out.startsWith("gsm8k     mode"), out);
    assertTrue(out.contains("accuracy  openai             33.33 %"), out);
    assertTrue(out.contains("accuracy  last-number       100.00 %"), out);
    assertTrue(out.contains("completions       without answer  not as openai"), out);
    ScoreReport report = ScoreReport.read(json);
    assertEquals(5, report.scores().size());
    assertEquals(15, report.items().size());
  }

  @Test
  void partOfTheProblemsMustBeAskedFor() throws IOException {
    Path problems = problems();
    Path completions = completions(line(0, "#### 0"), line(2, "#### 2"));
    Object[] words = {"score", "gsm8k", "--problems", problems, "--completions", completions};
    Dmt.run(words).fails(ExitCode.USAGE, "c.jsonl: 1 of 3 problems have no completion: 1;");
    for (String[] more : new String[][] {{"--limit", "1"}, {"--subset"}}) {
      Object[] asked = java.util.Arrays.copyOf(words, words.length + more.length);
      System.arraycopy(more, 0, asked, words.length, more.length);
      assertTrue(Dmt.run(asked).succeeds().contains("100.00 %"));
    }
  }

  @Test
  void faultsOfInputAreUsageErrors() throws IOException {
    Path problems = problems();
    Path completions = completions(line(0, "a"), line(3, "b"));
    Object[] words = {"score", "gsm8k", "--problems", problems, "--completions", completions};
    Dmt.run(words).fails(ExitCode.USAGE, "c.jsonl:2: no problem has the id \"3\"");
    Dmt.run("score", "gsm8k", "--problems", problems, "--completions", "no")
        .fails(ExitCode.USAGE, "no: no such file");
    Dmt.run("score", "gsm8k", "--mode", "opena", "--problems", problems, "--completions", "no")
        .fails(ExitCode.USAGE, "did you mean openai?");
    Dmt.run("score").fails(ExitCode.USAGE, "name a benchmark", "gsm8k");
  }
}
