package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.model.ModelInfo;
import ai.dmt.report.Section;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Verdict;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of several sizes in one study: their runs, their claims, their section. */
class SizeStudyTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SOURCES = List.of("code", "math", "general");
  private static final Map<String, Integer> ROWS = Map.of("math", 764, "code", 139, "general", 598);

  @TempDir private Path folder;

  private StudyGraph graph(StudyDefinition study) {
    return new StudyGraph(study, StudyHashes.of(study).contexts(study), ROWS);
  }

  private static StudyCell cell(StudyGraph graph, String id) {
    return StudyCells.select(graph.cells(), List.of(), List.of(id)).get(0);
  }

  private static String last(StudyGraph graph, String id) {
    return graph.last(cell(graph, id)).key();
  }

  @Test
  void runsOfTheStudysOwnModelAreTrainedOnce() throws IOException {
    StudyDefinition tiny =
        StudyWorld.place(StudyPresets.read("tiny", List.of()), new StudyFolder(folder));
    StudyGraph graph = graph(tiny);
    for (String source : SOURCES) {
      assertEquals(
          last(graph, "amount %s k=1/8 seed 12".formatted(source)),
          last(graph, "size 1m amount %s k=1/8 seed 12".formatted(source)));
      assertNotEquals(
          last(graph, "amount %s k=1/8 seed 12".formatted(source)),
          last(graph, "size 2m amount %s k=1/8 seed 12".formatted(source)));
    }
    assertEquals(last(graph, "mixed k=1/32 seed 13"), last(graph, "size 1m mixed k=1/32 seed 13"));
    StageNode large = graph.last(cell(graph, "size 2m mixed-sequential seed 11"));
    assertEquals("2m", large.size());
    assertTrue(graph.baseModel(large.base()).endsWith("world/base-2m"), large::toString);
    assertEquals(graph.base(), graph.last(cell(graph, "size 1m mixed k=1/32 seed 11")).base());
  }

  @Test
  void seedsBeyondTheScoredOnesHaveLossesAlone() throws IOException {
    StudyDefinition tiny =
        StudyWorld.place(StudyPresets.read("tiny", List.of()), new StudyFolder(folder));
    StudyGraph graph = graph(tiny);
    assertEquals(
        List.of("gsm8k"),
        StudyGraph.benchmarks(tiny, cell(graph, "size 2m amount math k=1/8 seed 11")));
    assertEquals(
        List.of("gsm8k", "humaneval", "mtbench"),
        StudyGraph.benchmarks(tiny, cell(graph, "size 0.3m mixed-sequential seed 11")));
    assertEquals(
        List.of(), StudyGraph.benchmarks(tiny, cell(graph, "size 0.3m mixed-sequential seed 12")));
  }

  @Test
  void aModelOfTheUsersOwnHasNoBundledSizes() throws IOException {
    StudyDefinition own = StudyPresets.read("tiny", List.of("model=/models/own"));
    StudyDefinition placed = StudyWorld.place(own, new StudyFolder(folder));
    assertEquals(null, placed.sizes());
    assertTrue(
        graph(placed).cells().stream().noneMatch(each -> each.question() == StudyQuestion.SIZE));
    StudyDefinition theirs =
        StudyPresets.read("7b", List.of("sizes.models={7b: llama-7b, 13b: ../llama-13b}"));
    assertEquals(
        Path.of("../llama-13b").toAbsolutePath().normalize().toString(),
        theirs.sizes().models().get("13b"));
  }

  @Test
  void sizesWithOtherTokenizersAreRefused() throws IOException {
    StudyDefinition tiny =
        StudyWorld.place(StudyPresets.read("tiny", List.of()), new StudyFolder(folder));
    ModelInfo own = ModelInfo.read(Path.of(tiny.recipe().model()));
    SizeModels models = SizeModels.of(tiny, own);
    assertEquals(1_000_576, models.parameters("1m"));
    assertEquals(1, models.cost("1m"));
    assertTrue(models.parameters("0.3m") < 310_000 && models.parameters("2m") > 2_000_000);
    Path large = Path.of(tiny.sizes().models().get("2m"));
    Files.write(large.resolve("tokenizer.model"), new byte[] {1});
    ConfigException e = assertThrows(ConfigException.class, () -> SizeModels.of(tiny, own));
    assertTrue(e.getMessage().startsWith("sizes.models.2m: "), e.getMessage());
    assertTrue(e.getMessage().contains("another tokenizer"), e.getMessage());
  }

  @Test
  void faultsOfSizesAreNamed() {
    assertFault("sizes={models: {a: x}}", "models must name two sizes or more");
    assertFault("sizes={models: {a: x, b b: y}}", "got \"b b\"");
    assertFault("sizes={models: {a: x, b: y}, amounts: [2]}", "amounts must be in (0, 1], got 2.0");
    assertFault("sizes={models: {a: x, b: y}, share: 0}", "share must be in (0, 1], got 0.0");
  }

  private static void assertFault(String words, String message) {
    ConfigException e =
        assertThrows(ConfigException.class, () -> StudyPresets.read("7b", List.of(words)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  /** Losses by formula: what the size, little data and forgetting do, in logarithms. */
  private static ObjectNode results(double size, double gain, double forgets, double noise) {
    Random random = new Random(3);
    ObjectNode results = JSON.createObjectNode().put("parameters", 1_000_000);
    results.set("sources", JSON.valueToTree(SOURCES));
    results.putArray("general").add("general");
    results.putObject("world").put("seed", 1);
    ObjectNode sizes = results.putObject("sizes").put("share", 0.125);
    sizes.putArray("amounts").add(0.125).add(0.03125);
    List<String> names = List.of("2m", "0.3m", "1m"); // the order is that of the parameters
    List<Long> parameters = List.of(2_000_000L, 300_000L, 1_000_000L);
    ArrayNode models = sizes.putArray("models");
    ObjectNode base = results.putObject("base").putObject("held_out");
    SOURCES.forEach(source -> base.put(source, 3));
    ArrayNode cells = results.putArray("cells");
    for (int m = 0; m < names.size(); m++) {
      models.addObject().put("name", names.get(m)).put("parameters", parameters.get(m));
      double n = Math.log(parameters.get(m) / 1e6);
      for (long seed = 11; seed < 14; seed++) {
        double all = noise * random.nextGaussian();
        for (double k : List.of(0.125, 0.03125)) {
          double d = all - 0.4 * Math.log(k / 0.125) + size * n;
          for (String source : SOURCES) {
            String group = RepeatedCells.alone(SizesRecipe.name(names.get(m)), source, k);
            cell(cells, names.get(m), group, source, k, seed, d, noise, random);
          }
          String mixed = RepeatedCells.mixed(SizesRecipe.name(names.get(m)), k);
          cell(cells, names.get(m), mixed, "mixed", k, seed, d - 0.2 + gain * n, noise, random);
        }
        String sequential =
            RepeatedCells.staged(SizesRecipe.name(names.get(m)), "mixed-sequential");
        double lost = all + 1 + (size + forgets) * n;
        cell(cells, names.get(m), sequential, "mixed-sequential", 1, seed, lost, noise, random);
      }
    }
    return results;
  }

  private static void cell(
      ArrayNode cells,
      String size,
      String group,
      String setup,
      double share,
      long seed,
      double logLoss,
      double noise,
      Random random) {
    ObjectNode cell = cells.addObject().put("id", group + " seed " + seed).put("group", group);
    cell.put("question", "size").put("setup", setup).put("size", size).put("fraction", share);
    cell.put("seed", seed).putObject("scores");
    ObjectNode stage = cell.putArray("stages").addObject().put("node", group + seed);
    SOURCES.forEach(source -> stage.withObject("/samples").put(source, 800 * share));
    SOURCES.forEach(
        source ->
            stage
                .withObject("/held_out")
                .put(source, Math.exp(logLoss + noise * random.nextGaussian())));
  }

  private static Map<String, Verdict> verdicts(ObjectNode results) {
    return Claims.of(new ResultView(results), Registration.packaged()).stream()
        .filter(claim -> claim.id().startsWith("6"))
        .collect(java.util.stream.Collectors.toMap(Claim::id, Claim::verdict));
  }

  @Test
  void claimsAboutSizeFindWhatWasPlantedAndNothingElse() {
    assertEquals(
        Map.of("6a", Verdict.SUPPORTED, "6b", Verdict.SUPPORTED, "6c", Verdict.SUPPORTED),
        verdicts(results(-0.3, -0.3, -0.3, 0.005)));
    assertEquals(
        Map.of("6a", Verdict.CONTRADICTED, "6b", Verdict.CONTRADICTED, "6c", Verdict.CONTRADICTED),
        verdicts(results(0.3, 0.3, 0.3, 0.005)));
    assertEquals(
        Map.of("6a", Verdict.INCONCLUSIVE, "6b", Verdict.INCONCLUSIVE, "6c", Verdict.INCONCLUSIVE),
        verdicts(results(0, 0, 0, 0.05)));
  }

  @Test
  void theSectionHasSizesInTheirOrderClaimsAndLaws() {
    ResultView view = new ResultView(results(-0.3, -0.3, -0.3, 0.005));
    assertEquals(List.of("0.3m", "1m", "2m"), List.copyOf(view.sizes().keySet()));
    Registration registration = Registration.packaged();
    ClaimSection claims = new ClaimSection(view, Claims.of(view, registration), registration);
    ResultTables tables = new ResultTables(view, PaperResults.read());
    Section section = new SizeSection(view, tables, claims).section().orElseThrow();
    List<Table> shown =
        section.blocks().stream()
            .filter(TableBlock.class::isInstance)
            .map(block -> ((TableBlock) block).table())
            .toList();
    assertEquals(
        List.of("6a", "6b", "6c"), shown.get(0).rows().stream().map(r -> r.get(0)).toList());
    assertEquals("0.3m: base model", shown.get(1).rows().get(0).get(0));
    assertEquals("2m: 1/8 of code", shown.get(1).rows().get(3).get(0));
    List<String> laws = shown.get(2).rows().get(0);
    assertEquals("larger models are better, by the same power at each amount", laws.get(1));
    assertTrue(laws.get(3).startsWith("-0.30 ["), laws.get(3));
    assertTrue(laws.get(4).startsWith("-0.40 ["), laws.get(4));
    assertEquals("too few runs", laws.get(8), "six pairs of size and amount");
  }

  @Test
  void aStudyOfOneSizeHasNeitherSectionNorLaws() {
    ObjectNode results = results(0, 0, 0, 0.01);
    results.remove("sizes");
    results.putArray("cells");
    ResultView view = new ResultView(results);
    assertTrue(
        new SizeSection(
                view,
                new ResultTables(view, PaperResults.read()),
                new ClaimSection(view, List.of(), Registration.packaged()))
            .section()
            .isEmpty());
    assertTrue(new SizeScaling(view).isEmpty());
  }
}
