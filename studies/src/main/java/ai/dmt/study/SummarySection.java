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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What was asked, what came out and what it took, for a reader who has a minute. */
final class SummarySection {
  private static final String DMT =
      " DMT trains on all specialized data first, then on the general data and a share k of the"
          + " specialized again; k = 0 is mixed-sequential.";

  private final ResultView view;
  private final ResultTables tables;
  private final List<Claim> claims;
  private final ClaimSection tested;
  private final JsonNode timing;

  SummarySection(
      ResultView view,
      ResultTables tables,
      List<Claim> claims,
      ClaimSection tested,
      JsonNode timing) {
    this.view = view;
    this.tables = tables;
    this.claims = claims;
    this.tested = tested;
    this.timing = timing;
  }

  Section section() {
    List<Block> blocks = new ArrayList<>();
    String findings = new Findings(view, claims).text();
    if (!findings.isEmpty()) {
      blocks.add(new Paragraph(findings));
    }
    tables
        .missing()
        .forEach(
            (benchmark, reason) ->
                blocks.add(
                    new Paragraph("Scores of %s are missing: %s.".formatted(benchmark, reason))));
    new ParetoFigure(view).figure().ifPresent(found -> blocks.add(new Figures(List.of(found))));
    if (claims.stream().anyMatch(claim -> claim.primary().isPresent())) {
      blocks.add(tested.verdicts());
    }
    Table main = tables.main();
    if (!main.rows().isEmpty()) {
      blocks.add(new TableBlock("Scores, mean of " + seeds(), main));
    }
    Table paper = new PaperComparison(view, PaperResults.read()).table();
    if (!paper.rows().isEmpty()) {
      blocks.add(
          new TableBlock(
              "Beside the paper's models of 7 to 33 billion parameters: differences of mean scores,"
                  + " in points, and whether they go the same way",
              paper));
    }
    blocks.add(new Paragraph(asked()));
    if (!view.json().path("cells").isEmpty()) {
      blocks.add(new Paragraph(took()));
    }
    if (!view.metrics().isEmpty()) {
      blocks.add(new FoldedTable("What each measure is", Measures.of(view)));
    }
    return new Section("summary", "In short", blocks);
  }

  private String asked() {
    int ways = 0;
    List<String> questions = new ArrayList<>();
    for (StudyQuestion question : StudyQuestion.values()) {
      int groups = view.groups(question).size();
      ways += groups;
      if (groups > 0) {
        questions.add("%s (%s)".formatted(text(question), question.paper()));
      }
    }
    if (ways == 0) {
      return "No run is complete yet.";
    }
    boolean dmt = view.has("mixed-sequential") || !view.groups(StudyQuestion.DMT_K).isEmpty();
    return ("One base model was fine-tuned in %s on data of the sources %s, with %s each. The"
            + " paper's questions (Dong et al., arXiv 2310.05492): %s.%s")
        .formatted(
            ways == 1 ? "one way" : ways + " ways",
            String.join(", ", view.sources()),
            seeds(),
            String.join("; ", questions),
            dmt ? DMT : "");
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
    };
  }

  private String seeds() {
    List<String> seeds = new ArrayList<>();
    view.json().path("seeds").forEach(seed -> seeds.add(seed.asText()));
    return seeds.size() == 1 ? "one seed" : seeds.size() + " seeds";
  }

  private String took() {
    Set<String> stages = new HashSet<>();
    view.json()
        .path("cells")
        .forEach(
            cell -> cell.path("stages").forEach(stage -> stages.add(stage.path("node").asText())));
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
                view.json().path("cells").size(),
                stages.size(),
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
