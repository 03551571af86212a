package ai.dmt.study;

import ai.dmt.report.Figure;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedFigures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * The report of a study folder: of its results and timing, and of what its nodes and evaluations
 * hold beside them.
 */
public final class StudyReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudyFolder folder;
  private final JsonNode results;
  private final ResultView view;
  private final ResultTables tables;
  private final ResultFigures figures;
  private final List<Section> sections = new ArrayList<>();

  private StudyReport(StudyFolder folder, JsonNode results) {
    this.folder = folder;
    this.results = results;
    this.view = new ResultView(results);
    this.tables = new ResultTables(view, PaperResults.read());
    this.figures = new ResultFigures(view);
  }

  /**
   * {@return the report of what is complete}
   *
   * @param folder of a study with results and timing
   * @throws IOException if the results, or files beside them, cannot be read
   */
  public static Report of(StudyFolder folder) throws IOException {
    JsonNode results = JSON.readTree(Files.readString(folder.results()));
    StudyReport report = new StudyReport(folder, results);
    report.addSections(JSON.readTree(Files.readString(folder.timing())));
    String subtitle =
        "%s runs, seeds %s; %s"
            .formatted(
                results.path("cells").size(),
                String.join(", ", texts(results.path("seeds"))),
                results.at("/versions/dmt").asText());
    return new Report("Study " + results.path("study").asText(), subtitle, report.sections);
  }

  /**
   * Writes the report into the study's folder.
   *
   * @param folder of a study with results and timing
   * @throws IOException if the results cannot be read or the report cannot be written
   */
  public static void write(StudyFolder folder) throws IOException {
    of(folder).write(folder.root());
  }

  private void addSections(JsonNode timing) throws IOException {
    List<Claim> claims = Claims.of(view);
    sections.add(new SummarySection(view, tables, claims, timing).section());
    claims(claims);
    question(StudyQuestion.STRATEGIES, "Strategies (RQ4)");
    question(StudyQuestion.DMT_K, "Share k of replayed data (RQ4)");
    forgetting();
    question(StudyQuestion.AMOUNT, "Amount of one source (RQ1)");
    question(StudyQuestion.MIXED, "Mixture against one source (RQ2)");
    question(StudyQuestion.RATIO, "Ratio of specialized and general data (RQ3)");
    scaling();
    flipped();
    training();
    sizes();
    sections.add(TimingSection.of(results, timing));
  }

  private void claims(List<Claim> claims) {
    add(
        "claims",
        "What the paper found, and what holds here",
        new TableBlock(
            "Each claim is tested on every measure of the abilities that it speaks of, at 5 %. A"
                + " test is open where its interval holds both answers.",
            ResultTables.claims(claims)),
        new FoldedTable("Every test with its numbers", ResultTables.tests(claims)),
        new Paragraph(
            "Nothing corrects for the number of tests. The interval of a difference adds the spread"
                + " of seeds (Student's t, variance pooled over all runs) and the error that the"
                + " choice of test problems gives. A gain is positive where more is better, for"
                + " losses too. Margins of \"about the same\": 5 points of a share, 0.5 of a rating,"
                + " 0.05 nats."));
  }

  private void question(StudyQuestion question, String title) {
    if (view.groups(question).isEmpty()) {
      return;
    }
    List<Block> blocks = new ArrayList<>();
    List<Figure> scores = figures.of(question, metric -> !metric.isLoss());
    List<Figure> losses = figures.of(question, Metric::isLoss);
    if (!scores.isEmpty() || !losses.isEmpty()) {
      blocks.add(new Paragraph(ResultFigures.caption(question)));
    }
    if (!scores.isEmpty()) {
      blocks.add(new Figures(scores));
    }
    if (!losses.isEmpty()) {
      blocks.add(
          scores.isEmpty()
              ? new Figures(losses)
              : new FoldedFigures("Held-out losses as figures", losses));
    }
    blocks.add(
        new TableBlock("Mean over seeds ± standard deviation of seeds", tables.groups(question)));
    Table paper = tables.paper(question);
    if (!paper.rows().isEmpty()) {
      blocks.add(new TableBlock("The paper's runs: GSM8K (%) / HumanEval (%) / MT-Bench", paper));
    }
    sections.add(new Section(question.word(), title, blocks));
  }

  private void forgetting() {
    Forgetting forgetting = new Forgetting(view);
    if (forgetting.isEmpty()) {
      return;
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "A loss that rises in a later stage is what that stage made the model forget."));
    if (!forgetting.figures().isEmpty()) {
      blocks.add(new Figures(forgetting.figures()));
    }
    blocks.add(forgetting.table());
    sections.add(new Section("forgetting", "Forgetting", blocks));
  }

  private void scaling() {
    StudyScaling scaling = new StudyScaling(view);
    if (!scaling.isEmpty()) {
      sections.add(scaling.section());
    }
  }

  private void flipped() throws IOException {
    List<Block> blocks = new ArrayList<>(new FlippedSamples(folder, view).blocks());
    blocks.addAll(new MovedRatings(folder, view).blocks());
    if (!blocks.isEmpty()) {
      blocks.add(
          0,
          new Paragraph(
              "Three models answered the same problems: trained on the ability's own source alone,"
                  + " by mixed-sequential, by DMT; first seed. What the models say is shown as it"
                  + " is. All completions lie in evaluations/."));
      sections.add(new Section("flipped", "Samples that flipped", blocks));
    }
  }

  private void training() throws IOException {
    List<Figure> curves = new TrainingCurves(folder).of(view);
    if (!curves.isEmpty()) {
      add("training", "Training", new Figures(curves));
    }
  }

  private void sizes() throws IOException {
    List<Block> blocks = new ArrayList<>();
    Table ledger = new MixtureLedger(folder).of(view);
    if (!ledger.rows().isEmpty()) {
      blocks.add(
          new FoldedTable("Mixtures: shares asked for and realised, stage by stage", ledger));
    }
    blocks.add(new FoldedTable("Samples, steps and tokens of every stage", tables.sizes()));
    sections.add(new Section("sizes", "What was trained", blocks));
  }

  private void add(String id, String title, Block... blocks) {
    sections.add(new Section(id, title, List.of(blocks)));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }
}
