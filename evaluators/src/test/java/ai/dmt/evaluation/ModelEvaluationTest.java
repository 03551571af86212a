package ai.dmt.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import ai.dmt.TinyModel;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
