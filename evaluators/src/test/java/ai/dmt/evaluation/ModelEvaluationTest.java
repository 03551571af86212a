package ai.dmt.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.TinyModel;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelEvaluationTest {
  @TempDir private Path folder;

  @Test
  void aModelIsAskedAndScored() throws IOException {
    Path problems =
        Files.writeString(
            folder.resolve("test.jsonl"),
            "{\"question\": \"1+1?\", \"answer\": \"2\\n#### 2\"}\n".repeat(3));
    try (Model model = Model.open(TinyModel.write(folder.resolve("model")))) {
      BenchmarkOutcome outcome =
          ModelEvaluation.of(model)
              .withAnswers(AnswerSettings.defaults().withMaxNewTokens(4))
              .run("gsm8k", problems, BenchmarkOptions.defaults().withLimit(2));
      assertNull(outcome.missing());
      assertNotNull(outcome.report());
      assertEquals(2, outcome.answers().size());
      assertEquals("gsm8k", outcome.report().benchmark());
    }
  }

  @Test
  void anItemThatWasNoPromptKeepsItsVerdict() {
    ScoreReport report =
        new ScoreReport(
            "own", "1", List.of(), List.of(new ItemVerdict("all", null, null, "wrong", null)));
    assertEquals(report, BenchmarkOutcome.of(new Unasked(report), List.of()).report());
  }

  @Test
  void aSourceThatIsNotMeasuredIsNamed() {
    HeldOutLoss loss = new HeldOutLoss(Map.of("math", List.of(new SampleLoss("1", 2, 4))));
    assertEquals(0.5, loss.mean("math"));
    Exception fault = assertThrows(IllegalArgumentException.class, () -> loss.mean("maths"));
    assertEquals("no source \"maths\" is measured, only [math]", fault.getMessage());
  }

  /** A user's benchmark with an item over all of its prompts. */
  private record Unasked(ScoreReport report) implements Benchmark {
    @Override
    public List<Prompt> prompts() {
      return List.of();
    }

    @Override
    public ScoreReport score(List<CompletionRecord> completions) {
      return report;
    }
  }
}
