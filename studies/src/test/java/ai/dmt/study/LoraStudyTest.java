package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.model.ModelInfo;
import ai.dmt.recipe.Recipe;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Verdict;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of several ranks beside all weights: their runs, their claims, their section. */
class LoraStudyTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SOURCES = List.of("code", "math", "general");
  private static final Map<String, Integer> ROWS = Map.of("math", 764, "code", 139, "general", 598);
  private static final List<Integer> TRAINED = List.of(0, 2, 8, 32);

  @TempDir private Path folder;

  private StudyDefinition tiny(String... changes) throws IOException {
    return StudyWorld.place(StudyPresets.read("tiny", List.of(changes)), new StudyFolder(folder));
  }

  private static StudyGraph graph(StudyDefinition study) {
    return new StudyGraph(study, StudyHashes.of(study).contexts(study), ROWS);
  }

  private static StudyCell cell(StudyGraph graph, String id) {
    return StudyCells.select(graph.cells(), List.of(), List.of(id)).get(0);
  }

  private static List<String> keys(StudyGraph graph, String id) {
    return graph.path(cell(graph, id)).stream().map(StageNode::key).toList();
  }

  private static Set<String> keys(StudyGraph graph, boolean adapters) {
    return graph.nodes().stream()
        .filter(node -> node.loraRank() > 0 == adapters)
        .map(StageNode::key)
        .collect(Collectors.toSet());
  }

  @Test
  void runsOfAllWeightsAreTrainedOnceAndThoseOfAdaptersByThemselves() throws IOException {
    StudyGraph graph = graph(tiny());
    for (String source : SOURCES) {
      assertEquals(
          keys(graph, "amount %s k=1/8 seed 12".formatted(source)),
          keys(graph, "lora full amount %s k=1/8 seed 12".formatted(source)));
    }
    assertEquals(
        keys(graph, "size 1m mixed-sequential seed 13"),
        keys(graph, "lora full mixed-sequential seed 13"));
    Set<String> all = new HashSet<>();
    for (int rank : TRAINED) {
      List<String> path = keys(graph, LoraRecipe.name(rank) + " sequential seed 11");
      assertEquals(3, path.size());
      assertEquals(
          keys(graph, RepeatedCells.alone(LoraRecipe.name(rank), "code", 0.125) + " seed 11")
              .get(0),
          path.get(0));
      assertTrue(all.addAll(path), path::toString);
    }
    StageNode node = graph.last(cell(graph, "lora r=8 sequential seed 11"));
    assertEquals(8, node.loraRank());
    assertEquals(graph.base(), node.base());
  }

  /** A share of 1 makes full cells those of the strategies. */
  @Test
  void ofAllDataTheRunsOfAllWeightsAreTheStrategies() throws IOException {
    StudyGraph graph = graph(tiny("lora.share=1", "lora.amounts=[1, 1/32]"));
    assertEquals(keys(graph, "sequential seed 12"), keys(graph, "lora full sequential seed 12"));
    assertEquals(keys(graph, "multi-task seed 12"), keys(graph, "lora full mixed k=1 seed 12"));
    assertEquals(keys(graph, "dmt k=1/16 seed 12"), keys(graph, "lora full dmt k=1/16 seed 12"));
    assertNotEquals(keys(graph, "multi-task seed 12"), keys(graph, "lora r=32 mixed k=1 seed 12"));
  }

  @ParameterizedTest
  @CsvSource({
    "'lora.learning_rates=[2e-3, 2e-3, 2e-3]'",
    "engine.weight_decay=0.1",
    "training.seed=7"
  })
  void whatChangesAnAdapterChangesItsNodes(String change) throws IOException {
    Set<String> before = keys(graph(tiny()), true);
    assertEquals(3 * 13 * 3, before.size(), "13 stages of each rank and seed");
    Set<String> after = keys(graph(tiny(change)), true);
    assertTrue(after.stream().noneMatch(before::contains), change);
  }

  @Test
  void anotherLearningRateOfAdaptersOrRankLeavesTheOtherNodesAlone() throws IOException {
    StudyGraph before = graph(tiny());
    StudyGraph after = graph(tiny("lora.learning_rates=[2e-3, 2e-3]", "lora.ranks=[8, 16]"));
    assertEquals(keys(before, false), keys(after, false));
    StudyGraph more = graph(tiny("lora.ranks=[2, 8, 16]"));
    assertEquals(
        keys(before, "lora r=8 sequential seed 11"), keys(more, "lora r=8 sequential seed 11"));
  }

  /** What dmt train makes of the cell is what the study's stages make. */
  @Test
  void theRecipeOfACellHasAdapterLearningRateAndSeed() throws IOException {
    Recipe recipe = cell(graph(tiny()), "lora r=32 dmt k=1/16 seed 12").recipe();
    assertEquals(32, Objects.requireNonNull(recipe.adapter()).rank());
    assertEquals(
        2, recipe.adapter().config(0).scale(ai.dmt.adapter.AdapterTarget.Q_PROJ), "alpha 64");
    assertEquals(7, recipe.adapter().targets().size());
    assertEquals(tiny().lora().learningRates().get(2), recipe.training().learningRate());
    assertEquals(12, recipe.training().seed());
    Recipe full = cell(graph(tiny()), "lora full dmt k=1/16 seed 12").recipe();
    assertEquals(null, full.adapter());
    assertEquals(1e-3, full.training().learningRate());
  }

  @Test
  void nobodyPaysForItWhoDidNotAsk() throws IOException {
    assertFalse(tiny().asked("all").contains(StudyQuestion.LORA));
    assertEquals(List.of(StudyQuestion.LORA), tiny().asked("lora"));
    assertTrue(
        graph(tiny("~lora")).cells().stream()
            .noneMatch(each -> each.question() == StudyQuestion.LORA));
  }

  @Test
  void scoresAreOfTheFirstSeedAndOfASourcesOwnAbility() throws IOException {
    StudyDefinition tiny = tiny();
    StudyGraph graph = graph(tiny);
    assertEquals(
        List.of("gsm8k"),
        StudyGraph.benchmarks(tiny, cell(graph, "lora r=2 amount math k=1/8 seed 11")));
    assertEquals(
        List.of("gsm8k", "humaneval", "mtbench"),
        StudyGraph.benchmarks(tiny, cell(graph, "lora r=2 sequential seed 11")));
    assertEquals(
        List.of(), StudyGraph.benchmarks(tiny, cell(graph, "lora r=2 sequential seed 12")));
  }

  /** By hand: of all projections of the bundled model, see docs/world.md. */
  @Test
  void ranksFitTheModelOrAreRefused() throws IOException {
    StudyDefinition tiny = tiny();
    SizeModels models = SizeModels.of(tiny, ModelInfo.read(Path.of(tiny.recipe().model())));
    long two = models.trained(Objects.requireNonNull(tiny.lora()), 2);
    assertEquals(16 * two, models.trained(tiny.lora(), 32));
    assertTrue(two > 0 && models.trained(tiny.lora(), 32) < models.parameters(""));
    StudyDefinition large = tiny("lora.ranks=[2, 8, 4000]");
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> SizeModels.of(large, ModelInfo.read(Path.of(large.recipe().model()))));
    assertTrue(e.getMessage().startsWith("lora.ranks: rank of "), e.getMessage());
    assertTrue(e.getMessage().contains("got 4000"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lora={ranks: [8], learning_rates: [1e-3]} | ranks must name two ranks or more, got [8]",
        "lora.ranks=[8, 8, 2] | ranks must differ, got [8, 8, 2]",
        "lora.ranks=[0, 8, 2] | ranks must be at least 1, got 0",
        "lora.learning_rates=[0, 1, 1] | learning_rates must be positive",
        "lora.learning_rates=[1e-3] | learning_rates must name one for each of ranks [2, 8, 32], got [0.001]",
        "lora.amounts=[2] | amounts must be in (0, 1], got 2.0",
        "lora.share=1/2 | share must be one of amounts [0.125, 0.03125], got 0.5",
        "adapter.rank=4 | the recipe must have no section adapter"
      })
  void faultsAreNamed(String change, String message) {
    ConfigException e =
        assertThrows(ConfigException.class, () -> StudyPresets.read("tiny", List.of(change)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  /** The plan of a real model needs no files; frozen weights have no gradients. */
  @Test
  void realModelsHaveAPlan() {
    StudyDefinition study = StudyPresets.read("7b", List.of());
    StudyPlan plan =
        StudyPlan.of(study, StudyHashes.of(study), StudyQuestion.parse("lora"), List.of());
    assertEquals(4 * (2 * 4 + 3), plan.cells().size());
    assertEquals(4 * 13, plan.nodes().size());
    GpuHours hours = GpuHours.of(study, Objects.requireNonNull(study.cost()));
    StageNode full = node(plan, "multi-task seed 42: all");
    StageNode adapter = node(plan, "lora r=32 mixed k=1 seed 42: all");
    assertEquals(plan.size(full), plan.size(adapter));
    double share = hours.of(plan.size(adapter), true) / hours.of(plan.size(full), false);
    assertTrue(share > 2 / 3.0 && share < 0.72, "attention costs the same: " + share);
    String text = plan.text(new StudyFolder(Path.of("no-such-folder")), 1);
    assertTrue(text.contains("lora r=32 dmt k=1/256 seed 42"), text);
  }

  private static StageNode node(StudyPlan plan, String label) {
    return plan.nodes().stream()
        .filter(node -> node.label().equals(label))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError(plan.nodes().stream().map(StageNode::label).toList()));
  }

  /**
   * Losses by formula, in logarithms.
   *
   * @param forgets what a sequence adds with adapters
   * @param fullForgets what it adds with all weights
   * @param conflict what the mixture adds with adapters
   * @param fullConflict what it adds with all weights
   * @param replay what DMT adds to a sequence, in specialized abilities
   * @param rank what a doubling of the rank adds to each run
   * @param gain what it adds to the mixture's effect, and to what mixed-sequential loses
   */
  private record Planted(
      double forgets,
      double fullForgets,
      double conflict,
      double fullConflict,
      double replay,
      double rank,
      double gain) {}

  private static ObjectNode results(Planted planted, double noise) {
    Random random = new Random(5);
    ObjectNode results = JSON.createObjectNode().put("parameters", 1_000_576);
    results.set("sources", JSON.valueToTree(SOURCES));
    results.putArray("general").add("general");
    results.putObject("world").put("seed", 1);
    results.putObject("grid").put("headline_k", 1 / 16.0);
    ObjectNode lora = results.putObject("lora").put("share", 0.125);
    lora.putArray("amounts").add(0.125).add(0.03125);
    ArrayNode ranks = lora.putArray("ranks");
    for (int rank : List.of(8, 2, 32)) { // the order is that of the ranks
      ranks.addObject().put("rank", rank).put("parameters", 6000 * rank).put("learning_rate", 0.01);
    }
    ObjectNode base = results.putObject("base").putObject("held_out");
    SOURCES.forEach(source -> base.put(source, 3));
    ArrayNode cells = results.putArray("cells");
    for (int rank : TRAINED) {
      boolean full = rank == LoraRecipe.FULL;
      double doublings = full ? 0 : Math.log(rank / 8.0) / Math.log(2);
      double level = planted.rank * doublings;
      double gain = planted.gain * doublings;
      double forgets = full ? planted.fullForgets : planted.forgets;
      double conflict = (full ? planted.fullConflict : planted.conflict) + gain;
      for (long seed = 11; seed < 14; seed++) {
        double all = noise * random.nextGaussian() + level;
        for (double k : List.of(0.125, 0.03125)) {
          double alone = all - 0.4 * Math.log(k / 0.125);
          for (String source : SOURCES) {
            add(
                cells,
                rank,
                RepeatedCells.alone(LoraRecipe.name(rank), source, k),
                source,
                seed,
                alone,
                0,
                noise,
                random);
          }
          String mixed = RepeatedCells.mixed(LoraRecipe.name(rank), k);
          add(cells, rank, mixed, "mixed", seed, alone + conflict, 0, noise, random);
        }
        for (String name : List.of("sequential", "mixed-sequential")) {
          String group = RepeatedCells.staged(LoraRecipe.name(rank), name);
          add(cells, rank, group, name, seed, all + forgets + gain, 0, noise, random);
        }
        String dmt = RepeatedCells.staged(LoraRecipe.name(rank), "dmt k=1/16");
        add(cells, rank, dmt, "dmt", seed, all + forgets + gain, planted.replay, noise, random);
      }
    }
    return results;
  }

  private static void add(
      ArrayNode cells,
      int rank,
      String group,
      String setup,
      long seed,
      double logLoss,
      double ofSpecialized,
      double noise,
      Random random) {
    ObjectNode cell = cells.addObject().put("id", group + " seed " + seed).put("group", group);
    cell.put("question", "lora").put("setup", setup).put("lora_rank", rank);
    cell.put("seed", seed).putObject("scores");
    ObjectNode stage = cell.putArray("stages").addObject().put("node", group + seed);
    SOURCES.forEach(
        source -> {
          double planted = logLoss + (source.equals("general") ? 0 : ofSpecialized);
          stage
              .withObject("/held_out")
              .put(source, Math.exp(planted + noise * random.nextGaussian()));
        });
  }

  private static Map<String, Verdict> verdicts(ObjectNode results) {
    return Claims.of(new ResultView(results), Registration.packaged()).stream()
        .filter(claim -> claim.id().startsWith("L"))
        .collect(Collectors.toMap(Claim::id, Claim::verdict, (one, other) -> one, TreeMap::new));
  }

  private static Map<String, Verdict> all(Verdict verdict) {
    Map<String, Verdict> verdicts = new TreeMap<>();
    List.of("L1a", "L1b", "L2a", "L2b", "L3a", "L3b", "L4a", "L4b", "L4c")
        .forEach(id -> verdicts.put(id, verdict));
    return verdicts;
  }

  @Test
  void claimsFindWhatWasPlantedAndNothingElse() {
    assertEquals(all(Verdict.SUPPORTED), verdicts(results(planted(1), 0.005)));
    Map<String, Verdict> against = all(Verdict.CONTRADICTED);
    against.put("L3b", Verdict.SUPPORTED); // the general ability is as it was
    assertEquals(against, verdicts(results(planted(-1), 0.005)));
    Map<String, Verdict> nothing = verdicts(results(new Planted(0, 0, 0, 0, 0, 0, 0), 0.05));
    nothing.remove("L3b"); // that nothing is lost may be shown where nothing is
    assertEquals(Set.of(Verdict.INCONCLUSIVE), Set.copyOf(nothing.values()));
  }

  private static Planted planted(int sign) {
    return new Planted(
        sign * 0.5, sign * 1.5, sign * 0.4, sign * 0.1, sign * -0.4, sign * -0.1, sign * -0.1);
  }

  @Test
  void aStudyWithoutAdaptersHasNoClaimsOfThem() {
    ObjectNode results = results(planted(1), 0.005);
    results.remove("lora");
    results.putArray("cells");
    ResultView view = new ResultView(results);
    List<Claim> claims = Claims.of(view, Registration.packaged());
    assertTrue(claims.stream().allMatch(Claim::isOfPaper));
    ClaimSection tested = new ClaimSection(view, claims, Registration.packaged());
    assertTrue(
        new LoraSection(view, new ResultTables(view, PaperResults.read()), claims, tested)
            .section()
            .isEmpty());
  }

  @Test
  void theSectionHasRanksInTheirOrderBesideAllWeights() {
    ResultView view = new ResultView(results(planted(1), 0.005));
    Registration registration = Registration.packaged();
    List<Claim> claims = Claims.of(view, registration);
    ClaimSection tested = new ClaimSection(view, claims, registration);
    Section section =
        new LoraSection(view, new ResultTables(view, PaperResults.read()), claims, tested)
            .section()
            .orElseThrow();
    List<Table> shown =
        section.blocks().stream()
            .filter(TableBlock.class::isInstance)
            .map(block -> ((TableBlock) block).table())
            .toList();
    assertEquals("L1a", shown.get(0).rows().get(0).get(0));
    assertEquals("what is claimed", shown.get(0).header().get(1));
    assertEquals(
        List.of("all weights", "rank 2", "rank 8", "rank 32"),
        shown.get(1).rows().stream().map(row -> row.get(0)).toList());
    assertTrue(shown.get(1).rows().get(0).get(3).startsWith("loss × 4.4"), "exp(1.5)");
    assertTrue(shown.get(1).rows().get(2).get(3).startsWith("loss × 1.6"), "exp(0.5)");
    List<String> beside = shown.get(2).rows().get(0);
    assertEquals("L4a, 6a", beside.get(0));
    assertTrue(beside.get(2).startsWith("loss × 0.91 ["), beside.get(2));
    assertEquals("not asked: dmt study size", beside.get(3));
    Figures figures =
        section.blocks().stream()
            .filter(Figures.class::isInstance)
            .map(Figures.class::cast)
            .findFirst()
            .orElseThrow();
    assertEquals(
        List.of(12_000.0, 48_000.0, 192_000.0, 1_000_576.0),
        figures.figures().get(0).series().get(0).points().stream().map(p -> p.x()).toList());
  }

  @Test
  void rankIsLikeSizeWhereBothSurelyGoTheSameWay() {
    ObjectNode results = results(planted(1), 0.005);
    ResultView view = new ResultView(results);
    List<Claim> claims = Claims.of(view, Registration.packaged());
    Claim.Tested better = primary(claims, "L4a");
    assertEquals("yes, the same direction", LoraSection.likeness(better, primary(claims, "L4b")));
    assertEquals(
        "no, the opposite direction", LoraSection.likeness(better, primary(claims, "L1a")));
    ResultView noisy = new ResultView(results(new Planted(0, 0, 0, 0, 0, 0, 0), 0.05));
    Claim.Tested nothing = primary(Claims.of(noisy, Registration.packaged()), "L4a");
    assertEquals(
        "not decided: the interval of size has × 1", LoraSection.likeness(better, nothing));
  }

  private static Claim.Tested primary(List<Claim> claims, String id) {
    return claims.stream()
        .filter(claim -> claim.id().equals(id))
        .findFirst()
        .flatMap(Claim::primary)
        .orElseThrow();
  }
}
