package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.data.Conversation;
import ai.dmt.data.ConversationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RftCommandTest {
  @TempDir private Path folder;

  @Test
  void samplesBecomeDataThatIsReadByQuestion() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    Path problems =
        Files.writeString(
            folder.resolve("p.jsonl"),
            "{\"question\": \"1+1?\", \"answer\": \"#### 2\"}\n"
                + "{\"question\": \"1+2?\", \"answer\": \"#### 3\"}\n");
    Path output = folder.resolve("out");
    Object[] words = {
      "rft",
      "--problems",
      problems,
      "--model",
      model,
      "--output",
      output,
      "--samples",
      2,
      "--max-new-tokens",
      4,
      "--threads",
      1
    };
    String table = Dmt.run(words).succeeds();
    assertTrue(table.matches("(?s)samples +4\nwrong .* 4\n.*problems +2\n.*rows, .* 2\n"), table);
    String data = Files.readString(output.resolve("rft.jsonl"));
    assertEquals(table, Dmt.run(words).succeeds(), "nothing is left to sample");
    assertEquals(data, Files.readString(output.resolve("rft.jsonl")));

    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(
        other.resolve("samples.jsonl"),
        "{\"problem\": 1, \"sample\": 0, \"completion\": \"<<1+2=3>> #### 3\"}\n");
    Path union = folder.resolve("union");
    Dmt.run(
            "rft",
            "--problems",
            problems,
            "--samples-of",
            output,
            "--samples-of",
            other,
            "--output",
            union)
        .succeeds();
    List<String> questions = new ArrayList<>();
    try (ConversationReader reader = ConversationReader.open(union.resolve("rft.jsonl"))) {
      reader.forEachRemaining((Conversation each) -> questions.add(each.turns().get(0).text()));
    }
    assertEquals(List.of("1+1?", "1+2?", "1+2?"), questions);
  }

  @Test
  void whatCannotBeDoneIsSaidBeforeAnythingIsSampled() throws IOException {
    Path problems =
        Files.writeString(
            folder.resolve("p.jsonl"), "{\"question\": \"1+1?\", \"answer\": \"#### 2\"}\n");
    Path output = folder.resolve("out");
    Dmt.run("rft", "--problems", problems, "--output", output)
        .fails(ExitCode.USAGE, "give --model or --samples-of");
    Dmt.run("rft", "--problems", problems, "--samples-of", folder, "--output", output)
        .fails(ExitCode.USAGE, "samples.jsonl: no such file");
    Dmt.run("rft", "--problems", problems, "--model", folder, "--output", output)
        .fails(ExitCode.USAGE, "config.json");
    assertTrue(Files.notExists(output.resolve("rft.jsonl")));
  }
}
