package ai.dmt.evaluators.gsm8k;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Gsm8kEvaluatorTest {
  @TempDir private Path folder;

  private Path problems() throws IOException {
    return Files.writeString(
        folder.resolve("p.jsonl"),
        """
        {"question": "1 + 1?", "answer": "It is 2.\\n#### 2"}
        {"question": "2 + 2?", "answer": "It is 4.\\n#### 4"}
        """);
  }

  private Benchmark open(BenchmarkOptions options) throws IOException {
    return Evaluators.byName("gsm8k").open(problems(), options);
  }

  @Test
  void zeroShotIsTheQuestionInTheChatTemplate() throws IOException {
    List<Prompt> prompts = open(BenchmarkOptions.defaults()).prompts();
    assertEquals(List.of("0", "1"), prompts.stream().map(Prompt::id).toList());
    Prompt second = prompts.get(1);
    assertEquals("2 + 2?", second.conversation().turns().get(0).text());
    assertEquals(256, second.generation().maxNewTokens());
    assertEquals(0, second.generation().temperature());
  }

  @Test
  void eightShotsAreLaidOutAsInLmEval() throws IOException {
    Prompt prompt =
        open(BenchmarkOptions.defaults().with("prompt", "cot-8").withLimit(1)).prompts().get(0);
    String text = prompt.text();
    assertTrue(text.startsWith("Q: There are 15 trees in the grove. "), text);
    assertTrue(
        text.contains(
            "3 + 2 = 5. The answer is 5.\n\nQ: Leah had 32 chocolates and her sister had 42. "),
        text);
    assertTrue(text.endsWith(" 23 - 15 is 8. The answer is 8.\n\nQ: 1 + 1?\nA:"), text);
    assertEquals(9, text.split("Q: ", -1).length - 1);
    assertEquals(List.of("Q:", "</s>", "<|im_end|>"), prompt.generation().stops());
  }

  @Test
  void completionsOfThePromptsAreScored() throws IOException {
    Benchmark benchmark = open(BenchmarkOptions.defaults().with("mode", "screl").withLimit(1));
    CompletionRecord completion = new CompletionRecord(Origin.UNKNOWN, "0", "#### 2.0");
    assertEquals(1.0, benchmark.score(List.of(completion)).scores().get(0).score());
    assertEquals(1, benchmark.prompts().size());
  }

  @Test
  void unknownBenchmarksAndSettingsAreGuessed() {
    assertTrue(Evaluators.names().contains("gsm8k"));
    String said = assertThrows(ConfigException.class, () -> Evaluators.byName("gsm8")).getMessage();
    assertTrue(said.contains("did you mean gsm8k?"), said);
    for (BenchmarkOptions wrong :
        List.of(
            BenchmarkOptions.defaults().with("promt", "chat"),
            BenchmarkOptions.defaults().with("prompt", "chats"),
            BenchmarkOptions.defaults().with("mode", ""))) {
      assertThrows(ConfigException.class, () -> open(wrong));
    }
    assertThrows(ConfigException.class, () -> BenchmarkOptions.defaults().withLimit(0));
  }

  @Test
  void faultyProblemsAreToldWithTheirLine() throws IOException {
    Path file = problems();
    Files.writeString(file, Files.readString(file) + "\n{\"question\": \"\", \"answer\": \"2\"}");
    String said = assertThrows(DataException.class, () -> Gsm8kProblem.read(file)).getMessage();
    assertTrue(said.startsWith(file + ":4: \"answer\" has no \"#### n\""), said);
    Files.writeString(file, "\n");
    assertThrows(DataException.class, () -> Gsm8kProblem.read(file));
  }
}
