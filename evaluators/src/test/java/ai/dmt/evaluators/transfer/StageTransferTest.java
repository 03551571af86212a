package ai.dmt.evaluators.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.ComparisonOptions;
import ai.dmt.evaluators.comparison.Reports;
import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoredModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("jackson")
class StageTransferTest {
  /** Two sources' losses in one report. */
  private static ScoreReport losses(double math, double code) {
    ScoreReport one = Reports.losses("math", math, 10, math + 1, 10);
    ScoreReport two = Reports.losses("code", code, 5);
    List<Score> scores = new ArrayList<>(one.scores());
    scores.addAll(two.scores());
    List<ItemVerdict> items = new ArrayList<>(one.items());
    items.addAll(two.items());
    return new ScoreReport("held-out loss", "1", scores, items);
  }

  private static ScoredModel stage(String name, String gsm8k, String code, ScoreReport losses) {
    return new ScoredModel(
        name,
        List.of(
            Reports.verdicts("gsm8k", "openai", gsm8k),
            Reports.verdicts("humaneval", "human-eval", code),
            losses));
  }

  private static final List<ScoredModel> RUN =
      List.of(
          stage("base", "0000", "0000000000", losses(7, 7)),
          stage("1-math", "1111", "0000000000", losses(2, 6)),
          stage("2-code", "0110", "1111111100", losses(3, 1)),
          stage("3-general", "0100", "1111100001", losses(4, 2)));

  private static StageTransfer transfer(Map<String, ScoredModel> singles, Abilities abilities) {
    return StageTransfer.of(RUN, singles, abilities, ComparisonOptions.all());
  }

  private static ScoreComparison find(List<ScoreComparison> all, String title) {
    return all.stream().filter(each -> each.title().equals(title)).findFirst().orElseThrow();
  }

  @Test
  void backwardTransferIsTheEndMinusTheOwnStage() {
    StageTransfer transfer = transfer(Map.of(), Abilities.usual());
    assertEquals(4, transfer.columns().size());
    StageColumn gsm8k = transfer.columns().get(0);
    assertEquals("1-math", gsm8k.trainedBy());
    assertEquals(
        List.of(0.0, 1.0, 0.5, 0.25), gsm8k.cells().stream().map(StageColumn.Cell::score).toList());
    ScoreComparison math = find(transfer.backward(), "gsm8k accuracy, openai");
    assertEquals("1-math", math.baseline().model());
    assertEquals("3-general", math.other().model());
    assertEquals(-0.75, math.difference(), 1e-12);
    assertEquals(0.25, math.paired().pValue(), 1e-12, "three flips of one kind");
    ScoreComparison code = find(transfer.backward(), "humaneval accuracy, human-eval");
    assertEquals("2-code", code.baseline().model());
    assertEquals(-0.2, code.difference(), 1e-12);
    assertEquals(2, find(transfer.backward(), "held-out loss math").difference(), 1e-12);
    assertEquals(1, find(transfer.backward(), "held-out loss code").difference(), 1e-12);
    assertEquals(4, transfer.tests());
  }

  /** Whatever Jackson does with components that have another name in files. */
  @Test
  void fieldsStandInTheirOrder() {
    ObjectNode json = new ObjectMapper().valueToTree(transfer(Map.of(), Abilities.usual()));
    assertEquals(
        List.of("stages", "columns", "backward", "backward_means", "conflict", "tests", "notes"),
        names(json));
    assertEquals(
        List.of("benchmark", "score", "mode", "unit", "ability", "trained_by", "cells"),
        names(json.path("columns").path(0)));
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** BWT of Lopez-Paz and Ranzato: of T tasks, those before the last; here (-0.75 - 0.2) / 2. */
  @Test
  void meansAreOverAbilitiesOfOneScale() {
    List<MeanTransfer> means = transfer(Map.of(), Abilities.usual()).means();
    assertEquals(2, means.size());
    assertEquals("problems solved", means.get(0).scale());
    assertEquals(-0.475, means.get(0).mean(), 1e-12);
    assertEquals("held-out loss", means.get(1).scale());
    assertEquals(1.5, means.get(1).mean(), 1e-12);
    assertEquals(List.of("held-out loss math", "held-out loss code"), means.get(1).scores());
  }

  @Test
  void conflictIsTheEndMinusTheModelOfOneSource() {
    ScoredModel alone = stage("alone", "1110", "0000000000", losses(2.5, 9));
    StageTransfer transfer = transfer(Map.of("math", alone), Abilities.usual());
    assertEquals(2, transfer.conflict().size(), "code is none of its matter");
    ScoreComparison gsm8k = find(transfer.conflict(), "gsm8k accuracy, openai");
    assertEquals("alone", gsm8k.baseline().model());
    assertEquals(-0.5, gsm8k.difference(), 1e-12);
    assertEquals(1.5, find(transfer.conflict(), "held-out loss math").difference(), 1e-12);
    assertEquals(6, transfer.tests());
    assertTrue(transfer.text().contains("alone to 3-general"), transfer.text());
  }

  @Test
  void stagesAndAbilitiesCanBeTold() {
    Abilities told =
        Abilities.usual()
            .withBenchmarks(Map.of("humaneval", "general"))
            .withTrained(Map.of("math", "2-code", "general", "base"));
    StageTransfer transfer = transfer(Map.of(), told);
    assertEquals("2-code", find(transfer.backward(), "gsm8k accuracy, openai").baseline().model());
    assertEquals(
        "base", find(transfer.backward(), "humaneval accuracy, human-eval").baseline().model());
    Abilities wrong = Abilities.usual().withTrained(Map.of("math", "1-maths"));
    String said = assertThrows(ConfigException.class, () -> transfer(Map.of(), wrong)).getMessage();
    assertEquals(
        "math is said to be trained by stage \"1-maths\"; the stages are base, 1-math, 2-code,"
            + " 3-general",
        said);
    List<String> repeated = List.of("1-math", "2-code", "3-math", "4-all");
    assertEquals(Optional.of(2), Abilities.usual().stage("math", repeated));
    assertEquals(Optional.empty(), Abilities.usual().stage("general", repeated));
  }

  @Test
  void whatHasNoTransferIsSaid() {
    List<ScoredModel> two =
        List.of(
            new ScoredModel("1-code", List.of(losses(2, 1))),
            new ScoredModel("2-all", List.of(losses(1, 2))));
    StageTransfer some =
        StageTransfer.of(two, Map.of(), Abilities.usual(), ComparisonOptions.all());
    assertEquals(
        List.of("no backward transfer of math: no stage is known to have trained it"),
        some.notes());
    StageTransfer none =
        StageTransfer.of(RUN.subList(0, 2), Map.of(), Abilities.usual(), ComparisonOptions.all());
    assertTrue(
        none.notes().contains("no backward transfer of math: the last stage trained it"),
        none.notes()::toString);
    assertTrue(none.backward().isEmpty() && none.means().isEmpty());
    List<ScoredModel> one = RUN.subList(0, 1);
    assertThrows(
        ConfigException.class,
        () -> StageTransfer.of(one, Map.of(), Abilities.usual(), ComparisonOptions.all()));
  }

  @Test
  void textShowsTheMatrixWithTheOwnStagesMarked() {
    String text = transfer(Map.of(), Abilities.usual()).text();
    assertTrue(
        text.startsWith(
            """
            scores by stage; * after the stage that trained it
            stage      gsm8k accuracy, openai  humaneval accuracy, human-eval  held-out loss math  held-out loss code
            base                        0.00                            0.00               7.500               7.000
            1-math                    100.00*                           0.00               2.500*              6.000
            2-code                     50.00                           80.00*              3.500               1.000*
            3-general                  25.00                           60.00               4.500               2.000

            backward transfer
            """),
        text);
    assertTrue(
        text.contains("mean of problems solved: -47.50 over gsm8k accuracy, openai; "), text);
  }
}
