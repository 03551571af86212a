package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.report.Figure;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.TableBlock;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The grid's cells, and what is said of results that were made up. */
class GridSectionTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Double> SHARES = List.of(0.0, 1 / 16.0, 1 / 4.0, 1.0);
  private static final double NOISE = 0.01;

  /** Math suffers from general data beyond a share; general does not from math. */
  private static ObjectNode results(double harmless) {
    ObjectNode results = JSON.createObjectNode().put("study", "made up");
    results.putObject("world").put("seed", 1);
    results.putArray("seeds").add(1).add(2).add(3);
    results.putArray("sources").add("math").add("general");
    results.putArray("general").add("general");
    results.putObject("benchmarks");
    ObjectNode grid = results.putObject("grid");
    grid.set("specialized", JSON.valueToTree(SHARES));
    grid.set("general", JSON.valueToTree(SHARES));
    results.putObject("base").putObject("held_out").put("math", 3).put("general", 3);
    ArrayNode cells = results.putArray("cells");
    SplittableRandom random = new SplittableRandom(5);
    for (double s : SHARES) {
      for (double g : SHARES) {
        for (int seed = 1; seed <= 3 && s + g > 0; seed++) {
          String group = GridCells.group(s, g);
          ObjectNode cell = cells.addObject().put("id", group + " seed " + seed);
          cell.put("group", group).put("question", "grid").put("seed", seed);
          cell.put("setup", "").put("fraction", g).putObject("scores");
          ObjectNode stage = cell.putArray("stages").addObject().put("node", "n" + cells.size());
          ObjectNode samples = stage.put("name", "all").putObject("samples");
          samples.put("math", Math.round(400 * s)).put("general", Math.round(200 * g));
          double harm = g > harmless ? 0.5 : 0;
          double math = 3 - s + harm + NOISE * random.nextGaussian();
          double general = 3 - g + NOISE * random.nextGaussian();
          stage.putObject("held_out").put("math", math).put("general", general);
        }
      }
    }
    return results;
  }

  private static Section section(double harmless) {
    return new GridSection(new ResultView(results(harmless)), Registration.packaged())
        .section()
        .orElseThrow();
  }

  private static List<List<String>> thresholds(Section section) {
    return section.blocks().stream()
        .filter(TableBlock.class::isInstance)
        .map(block -> ((TableBlock) block).table().rows())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void plantedInterferenceIsFoundWhereItBeginsAndNoneWhereThereIsNone() {
    for (List<String> row : thresholds(section(1 / 16.0))) {
      if (row.get(0).startsWith("math")) {
        assertEquals("interferes", row.get(2));
        assertTrue(row.get(4).startsWith("above 1/16, at most 1/4 of general"), row.get(4));
      } else {
        assertEquals(List.of("none in the grid", "none seen", "above 1"), row.subList(2, 5));
      }
    }
    assertTrue(
        thresholds(section(1)).stream().allMatch(row -> row.get(2).equals("none in the grid")));
  }

  /** By hand: 200 rows of general beside 400 of math; 1/4 of them beside 1/16 is 50 to 25. */
  @Test
  void amountsAreToldAsRatiosOfRowsToo() {
    String interval = thresholds(section(1 / 16.0)).get(0).get(4);
    assertEquals("above 1/16, at most 1/4 of general (2.0 rows per own row)", interval);
  }

  @Test
  void surfacesHaveARowForEachShareOfSpecializedData() {
    Figure figure =
        section(1).blocks().stream()
            .filter(Figures.class::isInstance)
            .map(block -> ((Figures) block).figures().get(0))
            .findFirst()
            .orElseThrow();
    assertEquals("grid-math-held-out-loss", figure.id());
    assertEquals(4, figure.series().size());
    assertEquals(3, figure.series().get(0).points().size(), "nothing with nothing is no run");
    assertEquals(List.of("0", "1/16", "1/4", "1"), figure.x().categories());
  }

  @Test
  void aGridIsAskedForByNameAndSharesStagesWithTheOtherQuestions() {
    StudyDefinition tiny = StudyPresets.read("tiny", List.of("model=/models/none", "seeds=1"));
    StudyGraph graph =
        new StudyGraph(tiny, Map.of("", "x"), Map.of("math", 764, "code", 139, "general", 598));
    List<StudyCell> cells =
        StudyCells.select(graph.cells(), List.of(StudyQuestion.GRID), List.of());
    assertEquals(15, cells.size());
    List<StudyCell> paper = StudyCells.select(graph.cells(), StudyQuestion.parse("all"), List.of());
    HashSet<StageNode> own = new HashSet<>(graph.nodesOf(cells));
    own.removeAll(graph.nodesOf(paper));
    assertEquals(6, own.size(), "the others are stages of the paper's questions");
  }

  /** As where the paper's questions alone were asked: their mixtures are places of the grid. */
  @Test
  void placesThatOtherQuestionsTrainedAreNoGrid() {
    ObjectNode results = results(1);
    ArrayNode cells = results.withArray("cells");
    for (int i = cells.size() - 1; i >= 0; i--) {
      if (cells.get(i).path("group").asText().endsWith("g=0")) {
        cells.remove(i);
      }
    }
    ResultView view = new ResultView(results);
    assertEquals(List.of(), view.groups(StudyQuestion.GRID));
    assertTrue(new GridSection(view, Registration.packaged()).section().isEmpty());
  }

  @Test
  void aStudyWithoutAGridSaysWhatToGive() {
    StudyDefinition study = StudyPresets.read("7b", List.of());
    StudyGraph graph = new StudyGraph(study, Map.of("", "x"), Map.of());
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> StudyCells.select(graph.cells(), List.of(StudyQuestion.GRID), List.of()));
    assertTrue(e.getMessage().startsWith("this study has no cells of grid;"), e.getMessage());
    ConfigException wrong =
        assertThrows(
            ConfigException.class,
            () ->
                StudyPresets.read("7b", List.of("grid={specialized: [1/2, 1], general: [0, 2]}")));
    assertTrue(wrong.getMessage().contains("specialized needs 0"), wrong.getMessage());
    assertTrue(wrong.getMessage().contains("general must be in [0, 1], got 2"), wrong.getMessage());
  }
}
