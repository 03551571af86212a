package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.study.MadeUpStudy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalyzeScalingCommandTest {
  @TempDir private Path folder;

  @Test
  void lawsOfEveryAbilityArePrintedAndDrawn() throws Exception {
    MadeUpStudy.write(folder.resolve("study"));
    Path output = folder.resolve("laws");
    String out =
        Dmt.run("analyze", "scaling", folder.resolve("study"), "--output", output).succeeds();
    assertEquals(8, out.lines().count(), out); // four scores, three losses
    assertTrue(out.contains("math: gsm8k accuracy, lm-eval-strict (%)"), out);
    assertTrue(out.contains("runs off the power law"), out);
    assertTrue(Files.exists(output.resolve("report.html")));
    assertTrue(Files.exists(output.resolve("figures/scaling-general-mtbench-average.png")));
    assertEquals(
        out,
        Dmt.run("analyze", "scaling", folder.resolve("study/results.json")).succeeds(),
        "nothing is drawn");
  }

  @Test
  void badInputIsTold() throws Exception {
    Dmt.run("analyze", "scaling", folder).fails(ExitCode.USAGE, "no results: there is no file");
    Path file = Files.writeString(folder.resolve("results.json"), "{");
    Dmt.run("analyze", "scaling", file).fails(ExitCode.USAGE, "is not JSON");
    Files.writeString(file, "{}");
    Dmt.run("analyze", "scaling", file).fails(ExitCode.USAGE, "has no \"cells\"");
    Files.writeString(file, "{\"cells\": []}");
    Dmt.run("analyze", "scaling", file).fails(ExitCode.USAGE, "in 5 amounts or more");
    Dmt.run("analyze").fails(ExitCode.USAGE, "name what to analyze: scaling");
  }
}
