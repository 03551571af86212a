package ai.dmt.study;

import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import ai.dmt.run.Units;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The report of a study folder, made of results.json and timing.json alone. */
public final class StudyReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StudyReport() {}

  /**
   * Writes the report of what is complete into the study's folder.
   *
   * @throws IOException if the results cannot be read or the report cannot be written
   */
  public static void write(StudyFolder folder) throws IOException {
    JsonNode results = JSON.readTree(Files.readString(folder.results()));
    JsonNode timing = JSON.readTree(Files.readString(folder.timing()));
    List<Section> sections = new ArrayList<>(sections(results));
    sections.add(timing(results, timing));
    String subtitle =
        "%d cells, seeds %s; %s; base model %s"
            .formatted(
                results.path("cells").size(),
                results.path("seeds"),
                results.at("/versions/dmt").asText(),
                results.at("/versions/base_model").asText());
    new Report("Study " + results.path("study").asText(), subtitle, sections).write(folder.root());
  }

  /** Everything that follows from results.json. */
  public static List<Section> sections(JsonNode results) {
    ResultView view = new ResultView(results);
    ResultTables tables = new ResultTables(view, PaperResults.read());
    List<Claim> claims = Claims.of(view);
    List<Section> sections = new ArrayList<>();
    sections.add(claims(claims));
    add(sections, view, tables, Question.STRATEGIES, "Strategies");
    add(sections, view, tables, Question.DMT_K, "Share k of replayed data");
    if (!tables.forgetting().rows().isEmpty()) {
      sections.add(
          section(
              "forgetting",
              "Forgetting",
              new Paragraph(
                  "Held-out loss of every source after each stage. A loss that rises in a later"
                      + " stage is what that stage made the model forget."),
              new TableBlock("Loss after each stage, mean over seeds", tables.forgetting())));
    }
    add(sections, view, tables, Question.AMOUNT, "Amount of one source");
    add(sections, view, tables, Question.MIXED, "All sources, the same share");
    add(sections, view, tables, Question.RATIO, "Ratio of specialized and general data");
    List<Block> sizes = new ArrayList<>();
    tables
        .missing()
        .forEach(
            (benchmark, reason) ->
                sizes.add(
                    new Paragraph("Scores of %s are missing: %s.".formatted(benchmark, reason))));
    sizes.add(new FoldedTable("Samples, steps and tokens of every stage", tables.sizes()));
    sections.add(new Section("sizes", "What was trained", sizes));
    return sections;
  }

  private static Section claims(List<Claim> claims) {
    return section(
        "claims",
        "What the paper found, and what holds here",
        new Paragraph(
            "Each claim is tested on every measure of the ability that it speaks of, at 5 %;"
                + " nothing corrects for the number of tests. The interval of a difference adds"
                + " the spread of seeds (Student's t, variance pooled over all runs) and the error that the choice of test"
                + " problems gives. \"Not decided\" means that the interval holds both answers."
                + " A gain is positive where more is better, for losses too. Margins of"
                + " \"about the same\": 5 points of a share, 0.5 of a rating, 0.05 nats."),
        new TableBlock("Claims", ResultTables.claims(claims)),
        new FoldedTable("Every test with its numbers", ResultTables.tests(claims)));
  }

  private static void add(
      List<Section> sections,
      ResultView view,
      ResultTables tables,
      Question question,
      String title) {
    if (!view.groups(question).isEmpty()) {
      Table table = tables.groups(question);
      boolean paper = table.header().stream().anyMatch(name -> name.startsWith("paper"));
      String caption =
          "Mean over seeds ± standard deviation of seeds"
              + (paper ? "; the paper's columns are GSM8K / HumanEval / MT-Bench" : "");
      sections.add(section(question.word(), title, new TableBlock(caption, table)));
    }
  }

  private static Section timing(JsonNode results, JsonNode timing) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "training, all processes",
            Units.format("%.0f s", timing.path("train_seconds").asDouble())));
    rows.add(
        List.of(
            "training and scoring, all processes",
            Units.format("%.0f s", timing.path("process_seconds").asDouble())));
    rows.add(List.of("cores", timing.path("cores").asText()));
    rows.add(List.of("Java", timing.path("java").asText()));
    rows.add(List.of("type", results.at("/versions/dtype").asText()));
    rows.add(List.of("threads of a process", results.at("/versions/threads").asText()));
    return section(
        "timing",
        "Time and machine",
        new TableBlock("Where and how long", new Table(List.of("what", "value"), rows)));
  }

  private static Section section(String id, String title, Block... blocks) {
    return new Section(id, title, List.of(blocks));
  }
}
