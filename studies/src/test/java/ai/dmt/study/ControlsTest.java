package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Controls beside claims, and stages by themselves, in made-up losses. */
class ControlsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode results = JSON.createObjectNode();
  private ArrayNode cells;

  @BeforeEach
  void aWorldOfOneSpecializedSource() {
    results.putObject("world").put("seed", 1);
    results.putArray("sources").add("code").add("general");
    results.putArray("general").add("general");
    results.putObject("base").putObject("held_out").put("code", 6.0).put("general", 6.0);
    results.putObject("grid").put("headline_k", 1 / 16.0);
    cells = results.putArray("cells");
  }

  /** A cell for each seed, whose loss of code after each stage differs a little between seeds. */
  private void group(
      StudyQuestion question, String group, String setup, int seeds, double... code) {
    for (int seed = 0; seed < seeds; seed++) {
      ObjectNode cell = cells.addObject().put("group", group).put("question", question.word());
      cell.put("setup", setup).put("fraction", 1 / 32.0).put("seed", seed);
      ArrayNode stages = cell.putArray("stages");
      for (int stage = 0; stage < code.length; stage++) {
        ObjectNode trained = stages.addObject().put("name", "s" + stage);
        trained.put("node", group + seed + stage);
        double moved = 1 + 0.01 * ((seed + group.length() + stage) % 3);
        trained.putObject("held_out").put("code", code[stage] * moved).put("general", 1.0 * moved);
      }
    }
  }

  @Test
  void anEffectThatStepsReverseIsSaidToBeReversedOnTheFirstScreen() {
    group(StudyQuestion.MIXED, "mixed k=1/32", "", 3, 3.0);
    group(StudyQuestion.AMOUNT, "amount code k=1/32", "code", 3, 4.0);
    group(StudyQuestion.MATCHED, "matched steps code k=1/32", "code", 3, 2.0);
    group(StudyQuestion.MATCHED, "matched tokens code k=1/32", "code", 1, 2.5);
    Controls controls = new Controls(new ResultView(results), Registration.packaged());
    List<List<String>> rows = controls.table().rows();
    assertEquals(List.of("2a", "as many steps", "code"), rows.get(0).subList(0, 3));
    assertTrue(rows.get(0).get(3).startsWith("loss × 0.7"), rows.get(0).get(3));
    assertTrue(rows.get(0).get(4).matches("loss × 1\\.[45]\\d? ?\\[.*"), rows.get(0).get(4));
    assertEquals("it is reversed", rows.get(0).get(6));
    assertTrue(rows.get(1).get(4).endsWith("(1 seed)"), rows.get(1).get(4));
    assertEquals("an estimate of one seed, the other way", rows.get(1).get(6));
  }

  @Test
  void aStageIsJudgedAgainstTheOneBeforeIt() {
    group(StudyQuestion.STRATEGIES, "sequential", "sequential", 3, 0.2, 2.0, 1.0);
    ResultView view = new ResultView(results);
    TableBlock changes = StageChanges.table(view, List.of("sequential"));
    Table table = changes.table();
    assertEquals(2, table.rows().size());
    assertTrue(table.rows().get(0).get(3).startsWith("loss × 10"), "the second stage forgets");
    assertTrue(table.rows().get(1).get(3).startsWith("loss × 0.5"), "the last one repairs");
    String told = String.join(" ", new Findings(view, List.of()).sentences());
    assertTrue(told.contains("in sequential code loss × 0.5"), told);
  }

  @Test
  void strategiesThatCannotBeToldApartAreNotCalledBetter() {
    group(StudyQuestion.STRATEGIES, "multi-task", "multi-task", 3, 1.0);
    group(StudyQuestion.STRATEGIES, "dmt k=1/16", "dmt", 3, 1.0, 1.001);
    String told = String.join(" ", new Findings(new ResultView(results), List.of()).sentences());
    assertTrue(told.contains("not to be told apart in code (1.0"), told);
    assertTrue(told.contains("loss × 1.00 ["), told);
  }
}
