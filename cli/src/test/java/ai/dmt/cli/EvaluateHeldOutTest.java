package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Held-out losses of {@code dmt evaluate}. */
@Tag("native")
class EvaluateHeldOutTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void lossesOfARunAreThoseThatItsTrainingMeasured() throws IOException {
    Path recipe =
        TinyRecipe.write(
            folder,
            40,
            "data: {cutoff_len: 512, eval_fraction: 0.1, template: alpaca}",
            "strategy: {name: mixed-sequential}",
            "training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3}");
    Path model = folder.resolve("model");
    Path run = folder.resolve("run");
    Dmt.run("train", recipe, "--output", run, "--no-cache").succeeds();

    Path json = folder.resolve("losses.json");
    String out = Dmt.run("evaluate", "--run", run, "--no-cache", "--json", json).succeeds();

    assertTrue(out.matches("(?s).* base +1-specialized +2-general\n.*"), out);
    JsonNode models = JSON.readTree(json.toFile()).path("models");
    List<JsonNode> measured = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.path("type").asText().equals("evaluation")) {
        measured.add(node);
      }
    }
    assertEquals(3, models.size());
    assertEquals(3, measured.size());
    for (int m = 0; m < 3; m++) {
      JsonNode report = models.get(m).path("reports").get(0);
      assertEquals("held-out loss", report.path("benchmark").asText());
      assertEquals(3 * 4, report.path("items").size());
      for (JsonNode score : report.path("scores")) {
        double expected =
            measured
                .get(m)
                .path("sources")
                .path(score.path("name").asText())
                .path("loss")
                .asDouble();
        assertEquals(expected, score.path("score").asDouble(), 1e-6);
        assertTrue(score.path("interval").get(0).asDouble() <= expected);
        assertTrue(score.path("interval").get(1).asDouble() >= expected);
        assertEquals(4, score.path("total").asInt());
      }
    }
    Dmt.run("evaluate", "--model", run, "--held-out", recipe, "data.eval_fraction=0")
        .fails(ExitCode.USAGE, "holds nothing out", "data.eval_fraction is 0.0");
    Dmt.run("evaluate", "--run", model).fails(ExitCode.USAGE, "no run of dmt train", "recipe.yaml");
    Dmt.run("evaluate", "--model", model).fails(ExitCode.USAGE, "nothing to measure");
  }

  @Test
  void lossOfThreeRealSources() throws IOException {
    Path model = SharedFiles.require("data/weights/stories260K-hf");
    Path json = folder.resolve("losses.json");
    Dmt result =
        Dmt.run(
            "evaluate",
            "--model",
            model,
            "--held-out",
            "math=" + SharedFiles.require("data/gsm8k/test.jsonl"),
            "code=" + SharedFiles.require("data/codealpaca/new_codealpaca.json"),
            "general=" + SharedFiles.require("data/general/sharegpt_v3_en_1k.jsonl"),
            "--limit",
            10,
            "--json",
            json);
    String out = result.succeeds();
    assertTrue(result.err().contains("vicuna_v1.1 is used"), result::toString);
    JsonNode report = JSON.readTree(json.toFile()).at("/models/0/reports/0");
    assertEquals(3, report.path("scores").size());
    for (JsonNode score : report.path("scores")) {
      // A text of this tokenizer is long: of some, the model's 512 positions hold no answer.
      int total = score.path("total").asInt();
      assertTrue(total >= 5 && total <= 10, out);
      boolean told = result.err().contains("source " + score.path("name").asText() + ": cut and");
      assertTrue(told || total == 10, result::toString);
      double loss = score.path("score").asDouble();
      assertTrue(loss > 2 && loss < 12, out);
      assertTrue(
          score.at("/interval/0").asDouble() < loss && loss < score.at("/interval/1").asDouble());
    }
  }
}
