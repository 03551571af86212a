package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluation.HeldOutLoss;
import ai.dmt.evaluation.ModelScores;
import ai.dmt.evaluation.SampleLoss;
import ai.dmt.evaluators.comparison.Reports;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt transfer} on the scores of a sequential run. */
class TransferCommandTest {
  @TempDir private Path folder;
  private Path run;
  private Path single;

  private static ModelScores model(String name, String gsm8k, double math, double code) {
    Map<String, List<SampleLoss>> sources = new LinkedHashMap<>();
    sources.put("math", losses(math));
    sources.put("code", losses(code));
    return new ModelScores(
        name,
        "stages/" + name,
        List.of(Reports.verdicts("gsm8k", "openai", gsm8k), new HeldOutLoss(sources).report()),
        Map.of());
  }

  /** Of unequal lengths, so that the mean over tokens is none over samples. */
  private static List<SampleLoss> losses(double mean) {
    List<SampleLoss> losses = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      losses.add(new SampleLoss("s" + i, (mean + 0.01 * i) * (3 + 7 * i), 3 + 7 * i));
    }
    return losses;
  }

  @BeforeEach
  void writeScores() {
    run = folder.resolve("run.json");
    single = folder.resolve("math.json");
    ModelScores.write(
        run,
        List.of(
            model("base", "0000000000", 5, 6),
            model("1-math", "1111111100", 1, 5),
            model("2-code", "1100000000", 2, 1.5)));
    ModelScores.write(single, List.of(model("1-math", "1111111110", 0.9, 5)));
  }

  @Test
  void matrixBackwardTransferAndConflict() throws IOException {
    Path json = folder.resolve("t.json");
    Dmt result = Dmt.run("transfer", run, "--single", "math=" + single, "--json", json);
    String out = result.succeeds();
    assertTrue(out.contains("\n1-math                  80.00* "), out);
    assertTrue(out.contains("\nbackward transfer\n"), out);
    assertTrue(out.contains("mean of problems solved: -60.00 over gsm8k accuracy, openai\n"), out);
    assertTrue(out.contains("conflict with the model of one source\n"), out);
    assertTrue(out.contains(single + "#1-math to 2-code"), out);
    assertTrue(result.err().contains("no backward transfer of code: the last stage trained it"));
    JsonNode written = new ObjectMapper().readTree(json.toFile());
    assertEquals(3, written.path("columns").size());
    assertEquals(2, written.path("backward").size());
    assertEquals(2, written.path("conflict").size());
    assertEquals(4, written.path("tests").asInt());
    assertEquals(-0.6, written.at("/backward_means/0/mean").asDouble(), 1e-12);
    assertEquals(1, written.at("/backward/1/difference").asDouble(), 1e-9);
    assertEquals(-0.7, written.at("/conflict/0/difference").asDouble(), 1e-12);
    assertEquals("1-math", written.at("/columns/0/trained_by").asText());
  }

  @Test
  void stagesOfOtherNamesCanBeTold() {
    String out = Dmt.run("transfer", run, "--trained", "math=base").succeeds();
    assertTrue(out.contains("base to 2-code"), out);
    out = Dmt.run("transfer", run, "--ability", "gsm8k=code", "--benchmark", "gsm8k").succeeds();
    assertTrue(out.contains("20.00*"), out);
  }

  @Test
  void badInputIsExplained() {
    Dmt.run("transfer").fails(ExitCode.USAGE, "Missing required parameter: 'SCORES'");
    Dmt.run("transfer", single).fails(ExitCode.USAGE, "holds one model, expected those of a run");
    Dmt.run("transfer", run, "--trained", "math=1-maths")
        .fails(ExitCode.USAGE, "by stage \"1-maths\"; the stages are base, 1-math, 2-code");
    Dmt.run("transfer", run, "--single", "math=" + run)
        .fails(ExitCode.USAGE, run + " has several models, name one: " + run + "#base");
    Dmt.run("transfer", run, "--single", "maths=" + single)
        .fails(ExitCode.USAGE, "no score in common: the first has none; the second has none");
    Dmt.run("transfer", run, "--benchmark", "gsm")
        .fails(ExitCode.USAGE, "no stage of base, 1-math, 2-code has a score that was asked for");
    Path one = folder.resolve("one.json");
    Reports.verdicts("gsm8k", "openai", "01").write(one);
    Dmt.run("transfer", one).fails(ExitCode.USAGE, one + " holds one model");
  }
}
