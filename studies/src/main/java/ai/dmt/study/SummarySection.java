package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What was asked, what came out and what it took, for a reader who has a minute. */
final class SummarySection {
  private static final String DMT =
      " Multi-task is one stage on everything; sequential has a stage for each source, the general"
          + " one last; mixed-sequential has one on all specialized sources, then one on the general."
          + " DMT (dual-stage mixed fine-tuning) is mixed-sequential with a share k of the"
          + " specialized data again in its last stage; k = 0 is mixed-sequential.";

  private final ResultView view;
  private final ResultTables tables;
  private final List<Claim> claims;
  private final ClaimSection tested;
  private final Controls controls;
  private final SetupTable setup;
  private final JsonNode timing;

  SummarySection(
      ResultView view,
      ResultTables tables,
      List<Claim> claims,
      ClaimSection tested,
      Controls controls,
      SetupTable setup,
      JsonNode timing) {
    this.view = view;
    this.tables = tables;
    this.claims = claims;
    this.tested = tested;
    this.controls = controls;
    this.setup = setup;
    this.timing = timing;
  }

  Section section() throws IOException {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph(definitions()));
    List<String> findings = new ArrayList<>(new Findings(view, claims).sentences());
    findings.add(controls.reversals());
    findings.stream().filter(text -> !text.isEmpty()).map(Paragraph::new).forEach(blocks::add);
    tables
        .missing()
        .forEach(
            (benchmark, reason) ->
                blocks.add(
                    new Paragraph("Scores of %s are missing: %s.".formatted(benchmark, reason))));
    new ParetoFigure(view).figure().ifPresent(found -> blocks.add(new Figures(List.of(found))));
    blocks.add(new TableBlock("Set-up", setup.table()));
    blocks.add(new FoldedTable("Words", Glossary.words()));
    if (claims.stream().anyMatch(claim -> claim.primary().isPresent())) {
      blocks.add(tested.verdicts());
      controls.summary().ifPresent(blocks::add);
    }
    Table main = tables.main();
    if (!main.rows().isEmpty()) {
      blocks.add(
          new TableBlock("Scores, means over seeds; how many a row has is in its column", main));
    }
    Table paper = new PaperComparison(view, PaperResults.read()).table();
    if (!paper.rows().isEmpty()) {
      blocks.add(
          new TableBlock(
              "Beside the paper's models of 7 to 33 billion parameters: differences of mean scores,"
                  + " in points, and here as odds with 95 % intervals. The paper has one run of each,"
                  + " without intervals; signs are counted where that of the difference here is"
                  + " decided. DMT stands beside the paper's of the same k, and beside the k that the"
                  + " paper chose.",
              paper));
    }
    if (!view.json().path("cells").isEmpty()) {
      blocks.add(new Paragraph(asked()));
      blocks.add(new Paragraph(took()));
    }
    if (!view.metrics().isEmpty()) {
      blocks.add(new FoldedTable("What each measure is", Measures.of(view)));
    }
    return new Section("summary", "In short", blocks);
  }

  /** What is compared, in words that come before their first use. */
  private String definitions() {
    if (view.json().path("cells").isEmpty()) {
      return "No run is complete yet.";
    }
    boolean dmt = view.has("mixed-sequential") || !view.groups(StudyQuestion.DMT_K).isEmpty();
    return ("After Dong et al., \"How Abilities in Large Language Models are Affected by Supervised"
            + " Fine-tuning Data Composition\" (arXiv 2310.05492): how abilities fare when their data"
            + " (%s) are mixed or follow one another.%s")
        .formatted(String.join(", ", view.sources()), dmt ? DMT : "");
  }

  private String asked() {
    List<String> questions = new ArrayList<>();
    for (StudyQuestion question : StudyQuestion.values()) {
      if (!view.groups(question).isEmpty()) {
        questions.add("%s (%s)".formatted(text(question), question.paper()));
      }
    }
    return "The paper's questions that were asked: %s.".formatted(String.join("; ", questions));
  }

  private static String text(StudyQuestion question) {
    return switch (question) {
      case STRATEGIES -> "which strategy keeps all abilities";
      case AMOUNT -> "how an ability grows with its own data";
      case MIXED -> "whether a mixture helps or hurts";
      case RATIO -> "whether amount or ratio of the data matters";
      case DMT_K -> "how much replayed data DMT needs";
      case FILTERED -> "whether code and mathematics among the general data cause the conflict";
      case EQUAL_AMOUNT -> "whether sources should have shares or numbers in common";
      case SIZE -> "what the size of the model changes";
      case MATCHED -> "whether more steps alone would do the same";
      case GRID -> "at which amount other data begin to harm";
      case LORA -> "whether adapters do as all weights, and rank as size";
      case MIXTURE -> "what strategies of your own do";
    };
  }

  private String took() {
    String wall =
        timing.has("wall_seconds")
            ? "It took %s. ".formatted(time(timing.path("wall_seconds").asDouble()))
            : "";
    String machine =
        "%s cores%s"
            .formatted(
                timing.path("cores").asText(),
                timing.has("cpu") ? " of " + timing.path("cpu").asText() : "");
    return wall
        + "Equal stages were trained once, so that %s runs needed %s stages: %s of processes' time on %s, %s of it training."
            .formatted(
                view.counts().runs(),
                view.counts().stages(),
                time(timing.path("process_seconds").asDouble()),
                machine,
                time(timing.path("train_seconds").asDouble()));
  }

  /** Such as "10 min 54 s". */
  static String time(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return Units.format("%.1f s", seconds);
    }
    return whole < 3600
        ? "%s min %s s".formatted(whole / 60, whole % 60)
        : "%s h %s min".formatted(whole / 3600, whole / 60 % 60);
  }
}
