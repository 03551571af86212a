package ai.dmt.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.TinyModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the repository's README is run, in its order, on files of the names it uses. */
@Tag("native")
class RootReadmeTest {
  /** Names in the README that stand for files. */
  private static final List<String> FILES =
      List.of("llama", "gsm8k.jsonl", "code_alpaca.json", "sharegpt.jsonl", "tuned", "golden");

  /** The whole study takes minutes; ReproduceCommandTest has all kinds of its cells and scores. */
  private static final List<String> REDUCED_STUDY =
      List.of(
          "--seeds=1",
          "world.scale=1/2000",
          "amounts=[1]",
          "ratios=[1]",
          "matched=false",
          "equal_amounts=[]",
          "dmt_k=[0]",
          "training.num_train_epochs=1",
          "~sizes",
          "benchmarks.gsm8k.limit=2",
          "benchmarks.gsm8k.max_new_tokens=24",
          "~benchmarks.humaneval",
          "~benchmarks.mtbench");

  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static final InputStream STANDARD_INPUT = System.in;

  @TempDir private Path folder;

  @AfterEach
  void restoreStandardInput() {
    System.setIn(STANDARD_INPUT);
  }

  @Test
  void everyCommandSucceeds() throws IOException {
    TinyModel.write(folder.resolve("llama"));
    TinyModel.copy(SharedFiles.require("golden/mha"), folder.resolve("golden"));
    write(
        "gsm8k.jsonl",
        "{\"question\": \"1 + 1?\", \"answer\": \"It is 2.\\n#### 2\"}\n".repeat(20));
    write(
        "code_alpaca.json",
        "[{\"instruction\": \"Add a and b.\", \"input\": \"\", \"output\": \"a + b\"}]");
    write(
        "sharegpt.jsonl",
        "{\"conversations\": [{\"from\": \"human\", \"value\": \"Hi\"},"
            + " {\"from\": \"gpt\", \"value\": \"Hello\"}]}\n");

    System.setIn(new ByteArrayInputStream("What is 1+1?\n".getBytes(UTF_8))); // of dmt chat
    List<String> commands = commands();

    assertTrue(commands.size() >= 8, commands::toString);
    for (String command : commands) {
      Dmt.run(words(command).toArray()).succeeds();
    }
    assertTrue(Files.exists(folder.resolve("tuned/model.safetensors")));
    assertTrue(Files.exists(folder.resolve("study/report.html")));
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  /** The README's commands; {@code ./dmt test} is what runs this. */
  private static List<String> commands() throws IOException {
    String readme = Files.readString(Path.of("../README.md")).replace("\\\n", " ");
    return readme
        .lines()
        .filter(line -> line.startsWith("./dmt ") && !line.startsWith("./dmt test"))
        .map(line -> line.replaceFirst("^\\./dmt ", "").replaceFirst("\\s+#.*", ""))
        .toList();
  }

  /** The words as a shell splits them, with each file in this test's folder. */
  private List<Object> words(String command) {
    List<Object> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      String word = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      String[] sides = word.split("=", 2);
      String last = sides[sides.length - 1];
      if (FILES.contains(last)) {
        sides[sides.length - 1] = folder.resolve(last).toString();
      }
      words.add(String.join("=", sides));
    }
    if (command.startsWith("reproduce")) {
      words.addAll(List.of("--output", folder.resolve("study")));
      words.addAll(REDUCED_STUDY);
    }
    return words;
  }
}
