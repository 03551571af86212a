package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.Topic;
import ai.dmt.recipe.Recipe;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cells and shared stages of the paper's study. */
class StudyGraphTest {
  private static final StudyDefinition PAPER = StudyPresets.read("7b", List.of("~lora"));

  private static StudyGraph graph(StudyDefinition study) {
    return new StudyGraph(study, StudyHashes.of(study).contexts(study), Map.of());
  }

  private static StudyCell cell(StudyGraph graph, String id) {
    return StudyCells.select(graph.cells(), List.of(), List.of(id)).get(0);
  }

  private static List<String> keys(StudyGraph graph, String id) {
    return graph.path(cell(graph, id)).stream().map(StageNode::key).toList();
  }

  @Test
  void questionsHaveTheCellsOfThePaper() {
    Map<StudyQuestion, Long> counts =
        graph(PAPER).cells().stream()
            .collect(Collectors.groupingBy(StudyCell::question, Collectors.counting()));
    assertEquals(
        Map.of(
            StudyQuestion.STRATEGIES, 7L,
            StudyQuestion.AMOUNT, 15L,
            StudyQuestion.MIXED, 5L,
            StudyQuestion.RATIO, 15L,
            StudyQuestion.DMT_K, 6L,
            StudyQuestion.EQUAL_AMOUNT, 3L,
            StudyQuestion.FILTERED, 5L),
        counts);
  }

  @Test
  void sourcesOfOneRoleHaveNoDmtAndNoRatios() {
    List<String> roles =
        List.of(
            "~lora",
            "~filtered",
            "sources.math.role=general",
            "sources.code.role=general",
            "sources.general.role=general");
    StudyGraph graph = graph(StudyPresets.read("7b", roles));
    Map<StudyQuestion, Long> counts =
        graph.cells().stream()
            .collect(Collectors.groupingBy(StudyCell::question, Collectors.counting()));
    assertEquals(
        Map.of(
            StudyQuestion.STRATEGIES, 5L,
            StudyQuestion.AMOUNT, 15L,
            StudyQuestion.MIXED, 5L,
            StudyQuestion.EQUAL_AMOUNT, 3L),
        counts);
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> StudyCells.select(graph.cells(), List.of(StudyQuestion.DMT_K), List.of()));
    assertTrue(e.getMessage().startsWith("this study has no cells of dmt-k"), e.getMessage());
  }

  @Test
  void idsAndFoldersDiffer() {
    List<StudyCell> cells = graph(StudyPresets.read("7b", List.of("~lora", "seeds=2"))).cells();
    assertEquals(112, cells.size());
    assertEquals(112, new HashSet<>(cells.stream().map(StudyCell::id).toList()).size());
    assertEquals(112, new HashSet<>(cells.stream().map(StudyCell::slug).toList()).size());
    assertTrue(cells.stream().anyMatch(cell -> cell.slug().equals("dmt-k-1_256-seed-43")));
  }

  @Test
  void ratiosHaveSharesOfTheirOwnAndOnceIsTheFirstSeed() {
    List<StudyCell> cells =
        graph(
                StudyPresets.read(
                    "7b",
                    List.of("seeds=2", "ratios=[1, 1/4]", "once=[multi-task, ratio a k=1/4]")))
            .cells();
    List<String> ids = cells.stream().map(StudyCell::id).toList();
    assertEquals(
        List.of("multi-task seed 42"),
        ids.stream().filter(id -> id.startsWith("multi-task")).toList());
    assertEquals(
        List.of("ratio a k=1 seed 42", "ratio a k=1/4 seed 42", "ratio a k=1 seed 43"),
        ids.stream().filter(id -> id.startsWith("ratio a")).toList());
    StudyDefinition wrong = StudyPresets.read("7b", List.of("once=[multitask]"));
    ConfigException e = assertThrows(ConfigException.class, () -> graph(wrong));
    assertTrue(e.getMessage().contains("did you mean \"multi-task\""), e.getMessage());
  }

  /** By hand: 430 + 78 + 336 rows in batches of 128 are 7 steps, three times; 677 steps of DMT. */
  @Test
  void controlsHaveTheStepsOrTokensOfTheArmBeside() {
    StudyGraph graph =
        graph(
            StudyPresets.read(
                "7b",
                List.of(
                    "~lora",
                    "matched=true",
                    "tokens_per_sample={math: 200, code: 100, general: 1000}")));
    assertEquals(21, steps(graph, "matched steps math k=1/256 seed 42"));
    assertEquals(21, steps(graph, "matched steps code k=1/256 seed 42"));
    double mean = (430 * 200 + 78 * 100 + 336 * 1000) / 844.0;
    assertEquals(Math.round(21 * mean / 200), steps(graph, "matched tokens math k=1/256 seed 42"));
    assertEquals(
        graph.path(cell(graph, "amount math k=1/256 seed 42")).get(0).stage().mixture(),
        graph.path(cell(graph, "matched steps math k=1/256 seed 42")).get(0).stage().mixture(),
        "the same rows, more often");
    String control = "matched steps mixed-sequential k=1/256 seed 42";
    assertEquals(3 * 677, steps(graph, control));
    assertEquals(
        keys(graph, "mixed-sequential seed 42").get(0), keys(graph, control).get(0), "stage one");
    assertEquals(7, graph.cells().size() - graph(PAPER).cells().size());
  }

  private static long steps(StudyGraph graph, String id) {
    List<StageNode> path = graph.path(cell(graph, id));
    return path.get(path.size() - 1).stage().settings().maxSteps();
  }

  @Test
  void modelsOfOneSourceAreScoredInItsAbilityAlone() {
    StudyDefinition tiny = StudyPresets.read("tiny", List.of("model=/models/none"));
    StudyGraph graph =
        new StudyGraph(tiny, Map.of("", "x"), Map.of("math", 764, "code", 139, "general", 598));
    assertEquals(
        List.of("gsm8k"), StudyGraph.benchmarks(tiny, cell(graph, "amount math k=1/4 seed 11")));
    List<String> all = List.of("gsm8k", "humaneval", "mtbench");
    assertEquals(all, StudyGraph.benchmarks(tiny, cell(graph, "math only seed 11")));
    assertEquals(all, StudyGraph.benchmarks(tiny, cell(graph, "grid s=0 g=1/4 seed 11")));
  }

  /** By hand: 844, 3,376 and 13,512 rows of the mixtures, a third of them of each source. */
  @Test
  void equalAmountsAreAThirdOfTheMixturesRows() {
    StudyGraph graph = graph(PAPER);
    StudyPlan plan = new StudyPlan(PAPER, graph, graph.cells(), PAPER.recipe().corpus().tables());
    Map.of("1/256", 281L, "1/64", 1125L, "1/16", 4504L)
        .forEach(
            (share, each) ->
                assertEquals(
                    Map.of("code", each, "math", each, "general", each),
                    plan.size(graph.last(cell(graph, "equal amount k=%s seed 42".formatted(share))))
                        .samples()));
  }

  /** By hand: 78, 430 and 63,000 / 256 rows; at 1 the node is not the mixture's. */
  @Test
  void filteredMixturesHaveTheirOwnDataAndNodes() {
    StudyGraph graph = graph(PAPER);
    StudyPlan plan =
        StudyPlan.of(PAPER, StudyHashes.of(PAPER), StudyQuestion.parse("all"), List.of());
    StageNode small = graph.last(cell(graph, "filtered k=1/256 seed 42"));
    assertTrue(graph.isFiltered(small.key()));
    assertEquals(Map.of("code", 78L, "math", 430L, "general", 246L), plan.size(small).samples());
    assertNotEquals(
        keys(graph, "mixed k=1 seed 42").get(0), keys(graph, "filtered k=1 seed 42").get(0));
    Recipe recipe = cell(graph, "filtered k=1 seed 42").recipe();
    assertEquals(
        List.of(Topic.CODE, Topic.MATH), recipe.sources().get("general").prepare().exclude());
    assertEquals(List.of(), recipe.sources().get("code").prepare().exclude());
  }

  @Test
  void filteredMixturesFitTheirStudy() {
    assertEquals(
        List.of(Topic.MATH),
        Objects.requireNonNull(
                StudyPresets.read("7b", List.of("filtered={amounts: [1], exclude: [math]}"))
                    .filtered())
            .exclude());
    for (String[] wrong :
        new String[][] {
          {"{amounts: []}", "amounts must name at least one share"},
          {"{amounts: [1, 1]}", "amounts must differ, got [1.0, 1.0]"},
          {"{amounts: [2]}", "amounts must be in (0, 1], got 2.0"},
          {"{amounts: [1], exclude: []}", "exclude must name at least one topic"},
          {"{amounts: [1], exclude: [maths]}", "expected one of code, math"},
          {"{amounts: [1], samples: {code: 5}}", "the general sources are [general]"}
        }) {
      ConfigException e =
          assertThrows(
              ConfigException.class,
              () -> StudyPresets.read("7b", List.of("~filtered", "filtered=" + wrong[0])));
      assertTrue(e.getMessage().contains(wrong[1]), e.getMessage());
    }
  }

  @Test
  void whatOneRunAloneDecidesIsNoStudys() {
    String words = "control={replay_selection: loss}";
    ConfigException e =
        assertThrows(ConfigException.class, () -> StudyPresets.read("7b", List.of(words)));
    assertTrue(e.getMessage().contains("leave it out (~control)"), e.getMessage());
    StudyPresets.read("7b", List.of(words, "~control"));
  }

  @Test
  void aFileThatIsNotThereIsSaidWithoutWordsOfJava() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> StudyPresets.read("/nowhere/s.yaml", List.of()));
    assertEquals(
        "study /nowhere/s.yaml cannot be read: /nowhere/s.yaml: no such file or folder",
        e.getMessage());
  }

  @Test
  void questionsApartAreAskedByNameAlone() {
    StudyDefinition tiny = StudyPresets.read("tiny", List.of());
    assertTrue(tiny.asked("all").contains(StudyQuestion.STRATEGIES));
    assertFalse(tiny.asked("all").contains(StudyQuestion.FILTERED));
    assertEquals(List.of(StudyQuestion.FILTERED), tiny.asked("filtered"));
    assertTrue(PAPER.asked("all").contains(StudyQuestion.FILTERED));
  }

  @Test
  void modelsBetweenTheStagesOfStrategiesAreScoredForAsManySeedsAsTheStudySays() {
    StudyDefinition two = StudyPresets.read("7b", List.of("seeds=2"));
    StudyGraph graph = graph(two);
    Map<StageNode, Set<String>> scored = graph.scored(two, graph.cells());
    for (StageNode node : graph.path(cell(graph, "sequential seed 42"))) {
      assertEquals(two.benchmarks().keySet(), scored.get(node));
    }
    StageNode between = graph.path(cell(graph, "sequential seed 43")).get(1);
    assertFalse(scored.containsKey(between));
    StudyDefinition none = StudyPresets.read("7b", List.of("stage_scores=0"));
    StudyGraph without = graph(none);
    StageNode inner = without.path(cell(without, "mixed-sequential seed 42")).get(0);
    assertFalse(without.scored(none, without.cells()).containsKey(inner));
  }

  @Test
  void equalStagesAreOneNode() {
    StudyGraph graph = graph(PAPER);
    // 15 alone, 5 mixed, 4 + 4 + 3 ratios, 2 of sequential, stage 1 of DMT, 6 second stages, 3 of
    // equal amounts, 5 of filtered general data
    assertEquals(48, graph.nodes().size());
    String stageOne = keys(graph, "mixed-sequential seed 42").get(0);
    for (String k : List.of("0", "1/256", "1/64", "1/16", "1/4", "1")) {
      assertEquals(stageOne, keys(graph, "k sweep k=%s seed 42".formatted(k)).get(0));
    }
    for (List<String> same :
        List.of(
            List.of("multi-task seed 42", "mixed k=1 seed 42", "ratio a k=1 seed 42"),
            List.of("multi-task seed 42", "ratio b k=1 seed 42"),
            List.of("ratio b k=1/64 seed 42", "ratio c k=1 seed 42"),
            List.of("mixed k=1/64 seed 42", "ratio c k=1/64 seed 42"),
            List.of("mixed-sequential seed 42", "k sweep k=0 seed 42"),
            List.of("dmt k=1/256 seed 42", "k sweep k=1/256 seed 42"),
            List.of("math only seed 42", "amount math k=1 seed 42"))) {
      assertEquals(1, same.stream().map(id -> keys(graph, id)).distinct().count(), same::toString);
    }
    assertEquals(keys(graph, "code only seed 42").get(0), keys(graph, "sequential seed 42").get(0));
    assertNotEquals(
        keys(graph, "math only seed 42").get(0), keys(graph, "sequential seed 42").get(1));
  }

  @Test
  void parentsComeFirstAndInnerNodesAreThoseWithChildren() {
    StudyGraph graph = graph(PAPER);
    HashSet<String> seen = new HashSet<>(List.of(""));
    for (StageNode node : graph.nodes()) {
      assertTrue(seen.contains(node.parent()), node::toString);
      seen.add(node.key());
      boolean parent = graph.nodes().stream().anyMatch(each -> each.parent().equals(node.key()));
      assertEquals(parent, node.inner(), node::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "training.learning_rate=1e-5",
    "training.global_train_batch_size=64",
    "engine.dtype=float32",
    "engine.threads=1",
    "data.template=llama-3",
    "data.cutoff_len=1024",
    "sources.math.samples=110141",
    "training.seed=7"
  })
  void whatChangesResultsChangesEveryNode(String change) {
    HashSet<String> before =
        new HashSet<>(graph(PAPER).nodes().stream().map(StageNode::key).toList());
    graph(StudyPresets.read("7b", List.of(change)))
        .nodes()
        .forEach(node -> assertTrue(!before.contains(node.key()), node::toString));
  }

  @Test
  void namesAndFoldersChangeNothing() {
    List<String> before = graph(PAPER).nodes().stream().map(StageNode::key).toList();
    StudyDefinition moved =
        StudyPresets.read(
            "7b",
            List.of("~lora", "output_dir=elsewhere", "data_dir=/data", "model=/models/llama-7b"));
    assertEquals(before, graph(moved).nodes().stream().map(StageNode::key).toList());
  }

  /** Steps per stage for batch 128 and three epochs, rounded up per epoch. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "math only, 2583",
    "code only, 471",
    "general only, 2019",
    "multi-task, 5070",
    "sequential, 471 2583 2019",
    "mixed-sequential, 3051 2019",
    "dmt k=1/256, 3051 2031"
  })
  void plannedStepsAreThoseOfThePaper(String group, String steps) {
    for (String preset : List.of("7b", "13b", "33b")) {
      StudyDefinition study = StudyPresets.read(preset, List.of());
      StudyGraph graph = graph(study);
      StudyCell cell = cell(graph, group + " seed 42");
      StudyPlan plan = new StudyPlan(study, graph, List.of(cell), study.recipe().corpus().tables());
      List<String> found =
          graph.path(cell).stream().map(node -> "" + plan.size(node).steps()).toList();
      assertEquals(Arrays.asList(steps.split(" ")), found);
    }
  }

  @Test
  void faultsNameWhatWasMeant() {
    assertMessage(() -> StudyPresets.read("small-reel", List.of()), "did you mean small-real?");
    assertMessage(() -> StudyQuestion.parse("ratios"), "did you mean ratio?");
    assertMessage(() -> cell(graph(PAPER), "dmt k=1/265 seed 42"), "dmt k=1/256 seed 42");
    assertMessage(() -> StudyPresets.read("7b", List.of("amount=[1]")), "unknown key");
    assertMessage(
        () -> StudyPresets.read("7b", List.of("training.optimizer_state=carry")),
        "optimizer_state must be reset");
    assertMessage(
        () -> StudyPresets.read("7b", List.of("training.max_time=3h")),
        "recipe.training.max_time must be 0");
    assertMessage(
        () -> StudyPresets.read("7b", List.of("training.max_tokens_per_micro_batch=auto")),
        "recipe.training.max_tokens_per_micro_batch must be a number, not auto");
    assertMessage(
        () -> StudyPresets.read("7b", List.of("sources.math.fraction=1/4", "dmt_k=[2]")),
        "dmt_k must be in [0, 1], got 2.0");
  }

  private static void assertMessage(Runnable call, String expected) {
    String message = assertThrows(ConfigException.class, call::run).getMessage();
    assertTrue(message.contains(expected), message);
  }
}
