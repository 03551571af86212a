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
  private final StudyItems items;
  private final ResultView view;
  private final ResultTables tables;
  private final ResultFigures figures;
  private final List<Section> sections = new ArrayList<>();

  private StudyReport(StudyFolder folder, JsonNode results) {
    this.folder = folder;
    this.results = results;
    this.items = new StudyItems(folder);
    this.view = new ResultView(results, items);
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
    JsonNode timing = JSON.readTree(Files.readString(folder.timing()));
    report.addSections(timing);
    String subtitle = Provenance.text(results, timing, Registration.of(folder));
    return new Report(Provenance.title(results), subtitle, report.sections);
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
    Registration registration = Registration.of(folder);
    List<Claim> claims = Claims.of(view, registration);
    ClaimSection tested = new ClaimSection(view, claims, registration);
    Controls controls = new Controls(view, registration);
    SetupTable setup = new SetupTable(folder, view, items);
    sections.add(
        new SummarySection(view, tables, claims, tested, controls, setup, timing).section());
    sections.add(
        new Section("claims", "How the claims were tested", tested.details(earlierSeeds())));
    question(StudyQuestion.STRATEGIES, "Strategies (RQ4)");
    new CategorySection(view).section().ifPresent(sections::add);
    question(StudyQuestion.DMT_K, "Share k of replayed data (RQ4)");
    forgetting();
    question(StudyQuestion.AMOUNT, "Amount of one source (RQ1)");
    question(StudyQuestion.MIXED, "Mixture against one source (RQ2)");
    question(StudyQuestion.FILTERED, "General data without code and mathematics (sec. 4.2)");
    question(StudyQuestion.EQUAL_AMOUNT, "The same number of each source (App. H)");
    question(StudyQuestion.RATIO, "Ratio of specialized and general data (RQ3)");
    mixtures();
    new SizeSection(view, tables, tested).section().ifPresent(sections::add);
    new LoraSection(view, tables, claims, tested).section().ifPresent(sections::add);
    matched(controls);
    grid();
    scaling();
    representations();
    flipped();
    training();
    sizes();
    sections.add(TimingSection.of(results, timing));
  }

  private void question(StudyQuestion question, String title) throws IOException {
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
    blocks.add(new FoldedTable("The same, seed by seed", tables.single(question)));
    if (question == StudyQuestion.DMT_K) {
      blocks.add(
          new TableBlock(
              "What a share k means here and in the paper; with k = 1 the specialized data is gone"
                  + " through again for all of its epochs",
              new ReplayShares(folder, view).table()));
    }
    Table paper = tables.paper(question);
    if (!paper.rows().isEmpty()) {
      blocks.add(new TableBlock("The paper's runs", paper));
      Table contradictions = tables.contradictions(question);
      if (!contradictions.rows().isEmpty()) {
        blocks.add(
            new FoldedTable(
                "Where the paper contradicts itself, or leaves open what was run; (!) marks cells",
                contradictions));
      }
    }
    sections.add(new Section(question.word(), title, blocks));
  }

  private void mixtures() {
    if (!view.groups(StudyQuestion.MIXTURE).isEmpty()) {
      add(
          StudyQuestion.MIXTURE.word(),
          "Mixtures of your own",
          new TableBlock(
              "Mean over seeds ± standard deviation of seeds",
              tables.groups(StudyQuestion.MIXTURE)),
          new FoldedTable("The same, seed by seed", tables.single(StudyQuestion.MIXTURE)));
    }
  }

  private void matched(Controls controls) {
    Table table = tables.matched();
    if (table.rows().isEmpty()) {
      return;
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "A mixture of a small amount has more rows than one source of it, so it trains for"
                + " more steps, and so does DMT's last stage. Here the arm of less data goes"
                + " through its data more often, for as many steps or tokens. What remains of a"
                + " difference is not that of the steps."));
    if (!controls.isEmpty()) {
      blocks.add(new Paragraph(controls.conclusions()));
      blocks.add(
          new TableBlock(
              "Claims 2a and 4d with and without the control: the arm of more data over that of"
                  + " less, each with its own 95 % interval",
              controls.table()));
    }
    blocks.add(new TableBlock("Mean over seeds ± standard deviation of seeds", table));
    sections.add(new Section(Controls.SECTION, "Controls of steps and tokens", blocks));
  }

  private void grid() throws IOException {
    new GridSection(view, Registration.of(folder)).section().ifPresent(sections::add);
  }

  private void forgetting() {
    Forgetting forgetting = new Forgetting(view);
    if (forgetting.isEmpty()) {
      return;
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "A loss that rises in a later stage is what that stage made the model forget; one that"
                + " falls is what it repaired. This is not what claim 4c asks, which compares with a"
                + " model of the one source alone."));
    if (!forgetting.figures().isEmpty()) {
      blocks.add(new Figures(forgetting.figures()));
    }
    blocks.add(StageChanges.table(view, forgetting.groups()));
    blocks.add(forgetting.table());
    sections.add(new Section("forgetting", "Forgetting", blocks));
  }

  private void scaling() {
    StudyScaling scaling = new StudyScaling(view);
    if (!scaling.isEmpty()) { // the laws of sizes stand in their own section
      sections.add(scaling.section());
    }
  }

  private void representations() throws IOException {
    String key = results.path("analyses").path(RepresentationAnalysis.NAME).asText();
    RepresentationAnalysis.section(folder, key).ifPresent(sections::add);
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
    Table aliases = Glossary.aliases(view);
    if (!aliases.rows().isEmpty()) {
      blocks.add(new FoldedTable("Runs that are shown under several names", aliases));
    }
    sections.add(new Section("sizes", "What was trained", blocks));
  }

  private void add(String id, String title, Block... blocks) {
    sections.add(new Section(id, title, List.of(blocks)));
  }

  private List<String> earlierSeeds() {
    List<String> texts = new ArrayList<>();
    results.path("earlier_seeds").forEach(each -> texts.add(each.asText()));
    return texts;
  }
}
