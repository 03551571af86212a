package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreMathAndMbppTest {
  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void mathIsScoredInEveryModeOrInOne() throws IOException {
    Path problems = write("p.jsonl", "{\"problem\": \"1+1?\", \"solution\": \"$\\\\boxed{2}$\"}\n");
    Path completions = write("c.jsonl", "{\"id\": 0, \"completion\": \"It is $\\\\boxed{2}$.\"}\n");
    Object[] words = {"score", "math", "--problems", problems, "--completions", completions};
    String table = Dmt.run(words).succeeds();
    assertTrue(table.contains("boxed") && table.contains("minerva-text"), table);
    Path json = folder.resolve("r.json");
    Dmt.run(
            "score",
            "math",
            "--problems",
            problems,
            "--completions",
            completions,
            "--mode",
            "boxed",
            "--json",
            json)
        .succeeds();
    assertTrue(Files.readString(json).contains("\"correct\""), Files.readString(json));
    Dmt.run("score", "math", "--problems", problems, "--completions", completions, "--mode", "boxd")
        .fails(ExitCode.USAGE, "did you mean boxed?");
  }

  @Test
  void mbppRunsOnlyWhereItIsAllowed() throws IOException {
    Path problems =
        write(
            "p.jsonl",
            "{\"task_id\": 11, \"text\": \"Double.\", \"test_list\": [\"assert d(2) == 4\"]}\n");
    Path completions =
        write("c.jsonl", "{\"task_id\": 11, \"completion\": \"def d(x):\\n  return 2 * x\"}\n");
    Dmt.run("score", "mbpp", "--problems", problems, "--completions", completions)
        .fails(ExitCode.USAGE, "--allow-code-execution");
    String table =
        Dmt.run(
                "score",
                "mbpp",
                "--problems",
                problems,
                "--completions",
                completions,
                "--allow-code-execution")
            .succeeds();
    assertTrue(table.contains("pass@1") && table.contains("100.0"), table);
  }
}
