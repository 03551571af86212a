package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluation.ModelScores;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.Reports;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt compare} on files of both kinds, and what it says of bad ones. */
class CompareCommandTest {
  @TempDir private Path folder;
  private Path first;
  private Path second;
  private Path several;

  @BeforeEach
  void writeScores() {
    first = folder.resolve("a.json");
    second = folder.resolve("b.json");
    several = folder.resolve("run.json");
    ScoreReport old = Reports.verdicts("gsm8k", "openai", "1100110000");
    ScoreReport fresh = Reports.verdicts("gsm8k", "openai", "0111111100");
    old.write(first);
    fresh.write(second);
    ModelScores.write(
        several,
        List.of(
            new ModelScores("base", "m/base", List.of(old), Map.of("humaneval", "no sandbox")),
            new ModelScores("1-math", "m/1-math", List.of(fresh), Map.of()),
            new ModelScores("2-general", "m/2-general", List.of(old), Map.of())));
  }

  @Test
  void twoReportsAreComparedWithTheFirstAsBaseline() throws IOException {
    Path json = folder.resolve("c.json");
    String out = Dmt.run("compare", first, second, "--flips", "--json", json).succeeds();
    assertTrue(out.startsWith("baseline: " + first + "\n"), out);
    String row =
        "gsm8k accuracy, openai  %s  40.00 (16.82 to 68.73)  70.00 (39.68 to 89.22)"
            + "  +30.00 (-15.83 to 65.83)  0.3750  0.3750  4  1  10\n";
    assertTrue(out.contains(row.formatted(second)), out);
    assertTrue(out.contains("\n  higher (4): 2, 3, 6, 7\n  lower (1): 0\n"), out);
    assertTrue(!Dmt.run("compare", first, second).succeeds().contains("higher (4)"));
    JsonNode written = new ObjectMapper().readTree(json.toFile());
    assertEquals(0.375, written.at("/comparisons/0/p").asDouble());
    assertEquals("exact McNemar", written.at("/comparisons/0/test").asText());
  }

  @Test
  void modelsOfARunAreComparedWithItsFirst() {
    String out = Dmt.run("compare", several).succeeds();
    assertTrue(out.startsWith("baseline: " + several + "#base\n"), out);
    assertTrue(out.contains(several + "#1-math ") && out.contains(several + "#2-general "), out);
    assertTrue(out.contains("the 2 tests of this call"), out);
    String named = Dmt.run("compare", second, several + "#2-general").succeeds();
    assertTrue(named.contains("-30.00 (-65.83 to 15.83)"), named);
  }

  @Test
  void whatIsComparedCanBeChosen() {
    Dmt.run("compare", first, second, "--benchmark", "gsm8k", "--mode", "openai").succeeds();
    Dmt.run("compare", first, second, "--score", "pass@1")
        .fails(ExitCode.USAGE, "no score in common that was asked for", "gsm8k accuracy, openai");
  }

  @Test
  void badInputIsExplained() throws IOException {
    Path four = folder.resolve("four.json");
    Reports.verdicts("gsm8k", "openai", "0111").write(four);
    Dmt.run("compare", first, four)
        .fails(ExitCode.USAGE, "scored on different problems (fingerprints f10 and f4); --common");
    Dmt common = Dmt.run("compare", first, four, "--common");
    assertTrue(common.succeeds().contains("over the 4 items that both have, of 10 and 4"));
    assertTrue(common.err().contains("equal ids are taken for equal problems"), common::toString);

    Path later = folder.resolve("later.json");
    String text = Files.readString(first);
    Files.writeString(later, text.replace("\"version\":\"1\"", "\"version\":\"2\""));
    Dmt.run("compare", first, later)
        .fails(ExitCode.USAGE, first + " was scored by version 1 of the rules and " + later);
    Files.writeString(later, text.replace("\"gsm8k\"", "\"other\""));
    Dmt.run("compare", first, later).fails(ExitCode.USAGE, "have no score in common");
    Files.writeString(later, text.substring(0, 100));
    Dmt.run("compare", first, later).fails(ExitCode.USAGE, later + ":", "malformed JSON");
    Files.writeString(later, text.replace("\"verdict\"", "\"verdit\""));
    Dmt.run("compare", first, later)
        .fails(ExitCode.USAGE, later + ":1: items[0]: \"verdict\" is missing");
    Files.writeString(later, "{\"models\": []}");
    Dmt.run("compare", first, later).fails(ExitCode.USAGE, later + ": \"models\" is empty");
    Files.writeString(later, "{\"models\": [{\"model\": \"m\"}]}");
    Dmt.run("compare", first, later).fails(ExitCode.USAGE, "models[0]: \"reports\" is missing");

    Dmt.run("compare", first).fails(ExitCode.USAGE, first + " holds one model: name another");
    Dmt.run("compare").fails(ExitCode.USAGE, "Missing required parameter: 'SCORES'");
    Dmt.run("compare", first, folder.resolve("no.json")).fails(ExitCode.USAGE, "no such file");
    Dmt.run("compare", first, several + "#1-maths")
        .fails(ExitCode.USAGE, "no model \"1-maths\", did you mean 1-math?; it has base, 1-math");
    Dmt.run("compare", first, second + "#m")
        .fails(ExitCode.USAGE, second + " holds one model, which has no name");
  }
}
