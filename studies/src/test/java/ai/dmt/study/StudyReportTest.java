package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.report.Figure;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of results that were made up. */
class StudyReportTest {
  @TempDir private Path root;

  private static List<String> sections(Report report) {
    return report.sections().stream().map(Section::id).toList();
  }

  private static Figure figure(Report report, String id) {
    return report.figures().stream()
        .filter(figure -> figure.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(id + ": " + report.figures().stream().map(Figure::id).toList()));
  }

  @Test
  void everyQuestionHasItsFiguresAndTables() throws IOException {
    Report report = StudyReport.of(MadeUpStudy.write(root));
    assertEquals(
        List.of(
            "summary",
            "claims",
            "strategies",
            "dmt-k",
            "forgetting",
            "amount",
            "mixed",
            "ratio",
            "scaling",
            "flipped",
            "training",
            "sizes",
            "timing"),
        sections(report));
    Figure strategies = figure(report, "strategies-math-gsm8k-accuracy-lm-eval-strict");
    assertEquals(8, strategies.series().get(0).points().size(), "the base model and seven");
    Figure sweep = figure(report, "dmt-k-math-held-out-loss");
    assertEquals(
        List.of("0", "1/256", "1/64", "1/16", "1/4", "1"),
        sweep.table().rows().stream().map(row -> row.get(1)).toList());
    assertEquals(
        List.of("all sources", "alone"),
        figure(report, "mixed-code-humaneval-pass-1-evalplus-base").series().stream()
            .map(series -> series.name())
            .toList());
    assertEquals(3, figure(report, "ratio-general-mtbench-average").series().size());
    assertEquals(3, figure(report, "forgetting-sequential").series().size());
    assertEquals(
        "Training loss, mean of each 4 steps, seed 42. Stage 2 begins after step 130, stage"
            + " 3 after step 260.",
        figure(report, "training-sequential").caption());
  }

  @Test
  void pngsPageAndMarkdownAreWritten() throws IOException {
    StudyFolder folder = MadeUpStudy.write(root);
    StudyReport.write(folder);
    String page = Files.readString(root.resolve("report.html"));
    String markdown = Files.readString(root.resolve("report.md"));
    for (Figure figure : StudyReport.of(folder).figures()) {
      assertTrue(Files.size(root.resolve("figures/" + figure.id() + ".png")) > 5_000, figure.id());
      assertTrue(page.contains("<figure id=\"" + figure.id() + "\""), figure.id());
      assertTrue(markdown.contains("(figures/" + figure.id() + ".png)"), figure.id());
    }
    assertTrue(page.contains("<td>41.92</td><td>17.68</td><td>6.08</td>"));
    String csv = Files.readString(root.resolve("tables/summary-3.csv"));
    assertTrue(
        csv.startsWith("claim,what the paper found,here,direction,effect [95 %],p; Holm\r\n1a,"),
        csv);
    assertTrue(Files.readString(root.resolve("figures/pareto.svg")).contains("<svg xmlns="));
  }

  @Test
  void whatAModelSaysStaysText() throws IOException {
    StudyFolder folder = MadeUpStudy.write(root);
    StudyReport.write(folder);
    String page = Files.readString(root.resolve("report.html"));
    assertTrue(page.contains("&lt;script&gt;document.title="), "the answers are shown");
    assertEquals(page.indexOf("<script>"), page.lastIndexOf("<script"), "one, the page's own");
    assertFalse(page.contains("<img"));
    String markdown = Files.readString(root.resolve("report.md"));
    assertTrue(markdown.contains("&lt;script>document.title="));
    assertFalse(markdown.contains("<script") || markdown.contains("<img"));
    assertTrue(page.contains("lost by mixed-sequential, back with DMT"));
  }

  @Test
  void theSummarySaysWhatWasAskedWhatHeldAndHowLongItTook() throws IOException {
    Section summary = StudyReport.of(MadeUpStudy.write(root)).sections().get(0);
    List<String> paragraphs = new ArrayList<>();
    for (Section.Block block : summary.blocks()) {
      if (block instanceof Section.Paragraph paragraph) {
        paragraphs.add(paragraph.text());
      }
    }
    assertEquals(7, paragraphs.size(), paragraphs::toString);
    assertTrue(paragraphs.get(0).contains("DMT (dual-stage mixed fine-tuning) is"), "words first");
    String findings = String.join(" ", paragraphs.subList(1, 5));
    assertTrue(findings.matches("Of the 23 claims of the paper .*\\d+ supported \\(.*"), findings);
    assertTrue(findings.contains("point against the paper"), findings);
    assertTrue(
        findings.contains(
                "worse in specialized abilities than models of the one source alone is supported (4c:"
                    + " loss ×")
            || findings.contains(
                "worse in specialized abilities than models of the one source alone is supported"
                    + " (4c: odds ×"),
        findings);
    assertTrue(findings.contains("general stage by itself, after it over before it"), findings);
    assertTrue(
        findings.matches(
            ".*\\(multi-task\\) against DMT k=1/256, each ability by itself: .*math"
                + " \\([0-9.]+ against [0-9.]+ %, odds × [0-9.]+ \\[.*"),
        findings);
    assertTrue(
        paragraphs.get(5).contains("which strategy keeps all abilities (RQ4)"), paragraphs.get(5));
    assertTrue(
        paragraphs.get(6).startsWith("It took 1 h 2 min. Equal stages were trained once"),
        paragraphs.get(6));
    assertTrue(paragraphs.get(6).contains("on 2 cores of a made-up CPU"), paragraphs.get(6));
  }

  @Test
  void runsAreCountedAsTheyAre() throws IOException {
    ObjectNode results =
        (ObjectNode) new ObjectMapper().readTree(MadeUpStudy.write(root).results().toFile());
    assertEquals(
        "144 runs of one base model: 48 ways with 3 seeds each", RunCounts.of(results).text());
    for (int last = results.path("cells").size() - 1; last >= 140; last--) {
      results.withArray("cells").remove(last);
    }
    results.putObject("sizes").putArray("models").add("a").add("b");
    assertEquals(
        "140 runs of 2 base models: 44 ways with 3 seeds each, 4 with 2 seeds each",
        RunCounts.of(results).text());
  }

  @Test
  void theFirstScreenHasTheParetoPlotTheVerdictsAndThePapersDifferences() throws IOException {
    Report report = StudyReport.of(MadeUpStudy.write(root));
    assertEquals("pareto", report.figures().get(0).id());
    assertEquals(Figure.Style.PLANE, report.figures().get(0).style());
    List<Section.TableBlock> tables =
        report.sections().get(0).blocks().stream()
            .filter(block -> block instanceof Section.TableBlock)
            .map(block -> (Section.TableBlock) block)
            .toList();
    assertEquals("Set-up", tables.get(0).caption());
    assertEquals(23, tables.get(1).table().rows().size());
    Section.TableBlock paper = tables.get(tables.size() - 1);
    assertEquals(
        List.of(
            "difference", "ability", "here", "as odds [95 %]", "7B", "13B", "33B", "same sign as"),
        paper.table().header());
    List<String> row = paper.table().rows().get(0);
    assertEquals(List.of("multi-task - math only", "math"), row.subList(0, 2));
    assertEquals(List.of("-1.57", "-0.46", "-1.22"), row.subList(4, 7), "the paper's Table 1");
  }

  @Test
  void theReportSaysUnderItsTitleWhatItIsOf() throws IOException {
    StudyFolder folder = MadeUpStudy.write(root);
    String other = StudyReport.of(folder).subtitle();
    assertTrue(other.startsWith("Data and problems are files of the user's own."), other);
    assertTrue(other.contains("2 cores of a made-up CPU, 1 h 2 min"), other);
    assertTrue(other.endsWith("Registration " + Registration.packaged().shortHash() + "."), other);
    ObjectMapper json = new ObjectMapper();
    ObjectNode results = (ObjectNode) json.readTree(folder.results().toFile());
    results.putObject("world").put("seed", 1).put("scale", 1 / 128.0);
    results.put("parameters", 1_020_288);
    Files.writeString(folder.results(), results.toString());
    Report ofWorld = StudyReport.of(folder);
    assertTrue(
        ofWorld
            .subtitle()
            .startsWith(
                "Synthetic: the data and all problems are dmt's bundled world"
                    + " (seed 1, 1/128 of the paper's rows)"),
        ofWorld.subtitle());
    assertTrue(ofWorld.subtitle().contains("1,020,288 parameters"), ofWorld.subtitle());
    figure(ofWorld, "strategies-math-world-math-accuracy-lm-eval-strict");
  }

  @Test
  void panelsOfEqualValuesAreShownOnce() throws IOException {
    StudyFolder folder = MadeUpStudy.write(root);
    ObjectMapper json = new ObjectMapper();
    ObjectNode results = (ObjectNode) json.readTree(folder.results().toFile());
    for (var cell : results.path("cells")) {
      ObjectNode second = (ObjectNode) cell.at("/scores/gsm8k/1");
      ObjectNode first = (ObjectNode) cell.at("/scores/gsm8k/0");
      second.setAll(first.deepCopy());
      second.put("mode", "lm-eval-flexible");
    }
    Files.writeString(folder.results(), results.toString());
    Report report = StudyReport.of(folder);
    List<String> amounts =
        report.figures().stream().map(Figure::id).filter(id -> id.startsWith("amount-")).toList();
    assertFalse(amounts.contains("amount-math-gsm8k-accuracy-lm-eval-flexible"), amounts::toString);
    assertTrue(
        figure(report, "amount-math-gsm8k-accuracy-lm-eval-strict")
            .caption()
            .endsWith("The same for math: gsm8k accuracy, lm-eval-flexible (%)."));
  }

  @Test
  void conversationsWhoseRatingMovedAreShownTurnByTurn() throws IOException {
    Report report = StudyReport.of(MadeUpStudy.write(root));
    Section flipped =
        report.sections().stream().filter(each -> each.id().equals("flipped")).findFirst().get();
    List<Section.Block> blocks = flipped.blocks();
    Section.TableBlock changes =
        (Section.TableBlock)
            blocks.stream()
                .filter(block -> block instanceof Section.TableBlock)
                .reduce((first, last) -> last)
                .get();
    assertTrue(changes.caption().startsWith("general: mtbench: conversations"), changes::caption);
    List<List<String>> rows = changes.table().rows();
    assertEquals("from general only to mixed-sequential", rows.get(0).get(0));
    assertEquals(List.of("4", "2", "0"), rows.get(0).subList(1, 4), "up, by less, down");
    Section.Excerpts moved = (Section.Excerpts) blocks.get(blocks.size() - 1);
    assertEquals("4 of 4 in full, those that moved most", moved.summary());
    Section.Excerpt first = moved.excerpts().get(0);
    assertEquals("sample-general-mtbench-average-0", first.id());
    assertEquals(8, first.parts().size(), "two turns, each with three answers");
    assertEquals("turn 2", first.parts().get(4).label());
    String answer = first.parts().get(1).label();
    assertTrue(answer.matches("turn 1, general only: \\d\\.\\d\\d points"), answer);
    assertEquals(8, first.parts().stream().map(Section.Part::label).distinct().count());
    assertEquals(MadeUpStudy.HOSTILE, first.parts().get(1).text());
  }

  @Test
  void missingScoresLeaveTheLosses() throws IOException {
    StudyFolder folder = MadeUpStudy.writeWithoutScores(root);
    Report report = StudyReport.of(folder);
    assertFalse(sections(report).contains("flipped"));
    assertTrue(report.figures().stream().noneMatch(figure -> figure.id().contains("gsm8k")));
    figure(report, "strategies-math-held-out-loss");
    assertTrue(
        report.html().contains("Scores of gsm8k are missing: no &lt;bwrap&gt; on this machine."));
  }

  @Test
  void aStudyThatHasJustBegunHasAReport() throws IOException {
    StudyFolder folder = MadeUpStudy.write(root);
    ObjectMapper json = new ObjectMapper();
    ObjectNode results = (ObjectNode) json.readTree(folder.results().toFile());
    results.putArray("cells");
    Files.writeString(folder.results(), results.toString());
    assertEquals(List.of("summary", "claims", "sizes", "timing"), sections(StudyReport.of(folder)));
    ((ObjectNode) results.path("base")).removeAll();
    Files.writeString(folder.results(), results.toString());
    assertTrue(StudyReport.of(folder).figures().isEmpty());
  }
}
