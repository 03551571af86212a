package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in files reaches standard error escaped and cut, whatever it is. */
class HostileTextTest {
  private static final String IN_JSON = "\\u001b]0;x\\u0007\\u0000\\u009b\\u202e";
  private static final String SHOWN = "\\x1b]0;x\\x07\\x00\\x9b\\u202e";

  @TempDir private Path folder;

  @Test
  void architectureOfAModel() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    for (String value : List.of(IN_JSON, "m".repeat(100_000))) {
      Files.writeString(
          model.resolve("config.json"),
          "{\"architectures\": [\"%s\"], \"model_type\": \"%s\"}".formatted(value, value));
      isHarmless(
          Dmt.run("generate", "--model", model, "--prompt", "a")
              .fails(ExitCode.USAGE, "architecture is \"", "expected LlamaForCausalLM"));
    }
  }

  @Test
  void keysOfARecipe() throws IOException {
    Path recipe = folder.resolve("r.yaml");
    for (String key : List.of(IN_JSON, "k".repeat(1000))) { // YAML's own limit is 1024
      Files.writeString(
          recipe,
          "\"%s\": 1\ntraining:\n  \"%s\": {\"%s\": \"%s\"}\n".formatted(key, key, key, key));
      isHarmless(Dmt.run("recipe", "validate", recipe).fails(ExitCode.USAGE, "unknown key "));
    }
  }

  @Test
  void rolesAndFieldsOfARecord() throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    Path data = folder.resolve("d.jsonl");
    for (String value : List.of(IN_JSON, "r".repeat(100_000))) {
      for (String record :
          List.of(
              "{\"messages\": [{\"role\": \"%s\", \"content\": \"a\"}]}".formatted(value),
              "{\"%s\": 1}".formatted(value),
              "{\"a\": " + "z".repeat(100_000))) {
        Files.writeString(data, record + "\n");
        isHarmless(
            Dmt.run("train", "--model", model, "--data", "a=" + data, "--output", folder + "/out")
                .fails(ExitCode.USAGE, "d.jsonl:1: "));
      }
    }
  }

  @Test
  void whatIsPrintedToStandardErrorByAnybody() {
    StringWriter out = new StringWriter();
    PrintWriter err = new PrintWriter(new PrintableWriter(out), true);
    err.printf("note: %s\u009b%n", "\u001b[2J");
    err.print('\u0007');
    err.print("a\tb".toCharArray());
    assertEquals("note: \\x1b[2J\\x9b\n\\x07a\tb", out.toString());
  }

  private static void isHarmless(String err) {
    assertTrue(err.length() < 8000, () -> err.length() + " characters: " + err.substring(0, 1000));
    assertTrue(err.chars().allMatch(c -> c == '\n' || c >= 32 && c < 127), err);
    assertTrue(
        Stream.of(SHOWN, "characters cut", "zz...", "exceeds the maximum allowed")
            .anyMatch(err::contains),
        err);
  }
}
