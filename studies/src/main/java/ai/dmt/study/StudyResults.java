package ai.dmt.study;

import ai.dmt.engine.CpuModel;
import ai.dmt.internal.text.BuildVersion;
import ai.dmt.train.Corpus;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * {@code results.json} and {@code timing.json} of a study folder; docs/study.md has the schema. The
 * results hold every cell of the study that is complete, in a fixed order, and nothing that depends
 * on when, in what order or by how many processes it was made; that is in the timing.
 */
final class StudyResults {
  private static final int SCHEMA = 1;
  private static final String WALL_SECONDS = "wall_seconds";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudySetup setup;
  private final StudyFolder folder;
  private final StudyGraph graph;
  private final String version;
  private final SizeModels models;
  private final Map<Path, JsonNode> cache = new HashMap<>(); // finished folders never change
  private final long begun = System.nanoTime();
  private final Set<String> before; // finished when this process began
  private final double wallSeconds; // that it took until then; NaN where nobody knows
  private Set<String> written = Set.of();

  StudyResults(
      StudySetup setup, StudyFolder folder, StudyGraph graph, String version, SizeModels models) {
    this.setup = setup;
    this.folder = folder;
    this.graph = graph;
    this.version = version;
    this.models = models;
    this.before = finished();
    this.wallSeconds = wallSecondsOf(folder);
  }

  /** NaN where an older dmt, which did not measure them, began the folder. */
  private static double wallSecondsOf(StudyFolder folder) {
    return Files.exists(folder.timing())
        ? StudyTiming.read(folder.timing()).path(WALL_SECONDS).asDouble(Double.NaN)
        : 0;
  }

  /** Writes if something was finished since the last time, unless another process is writing. */
  void writeUnlessBusy() {
    Set<String> finished = finished();
    if (finished.equals(written)) {
      return;
    }
    try {
      Optional<TaskLock> lock = TaskLock.tryAcquire(folder.lock("results"));
      if (lock.isPresent()) {
        writeAndClose(lock.get());
        written = finished;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Writes what there is. */
  void write() throws IOException {
    writeAndClose(TaskLock.acquire(folder.lock("results")));
  }

  private void writeAndClose(TaskLock lock) throws IOException {
    try {
      StudyFolder.replace(folder.results(), results().toPrettyString() + "\n");
      StudyFolder.replace(folder.timing(), timing().toPrettyString() + "\n");
    } finally {
      lock.close();
    }
  }

  /** How the cells that were asked for ended. */
  StudyRun.Outcome outcome(List<StudyCell> cells, List<StudyTask> tasks) throws IOException {
    List<String> failed = new ArrayList<>();
    List<String> analyses = new ArrayList<>();
    Set<String> missing = new HashSet<>();
    for (StudyCell cell : cells) {
      if (cellNode(cell).isEmpty()) {
        failed.add(cell.id() + ": " + reason(cell));
      }
    }
    for (StudyTask task : tasks) {
      Optional<TaskFailure> failure = TaskFailure.read(folder.failure(task.key()));
      if (failure.isPresent() && failure.get().missing()) {
        missing.add(failure.get().reason());
      } else if (failure.isPresent() && task.folder().equals(folder.analysis(task.key()))) {
        analyses.add(task.label() + ": " + failure.get().reason());
      }
    }
    return new StudyRun.Outcome(cells.size(), failed, missing.stream().sorted().toList(), analyses);
  }

  private String reason(StudyCell cell) throws IOException {
    List<String> keys = new ArrayList<>();
    graph.path(cell).forEach(node -> keys.add(node.key()));
    List<String> benchmarks = StudyGraph.benchmarks(setup.study(), cell);
    graph
        .scored(setup.study(), cell)
        .forEach(node -> keys.addAll(evaluationKeys(node.key(), benchmarks)));
    for (String key : keys) {
      Optional<TaskFailure> failure = TaskFailure.read(folder.failure(key));
      if (failure.isPresent() && !failure.get().missing()) {
        return failure.get().reason();
      }
    }
    return "not finished: a process ended before; start the study again to go on";
  }

  private ObjectNode results() throws IOException {
    StudyDefinition study = setup.study();
    ObjectNode root = JSON.createObjectNode();
    root.put("schema", SCHEMA).put("study", study.name());
    ArrayNode seeds = root.putArray("seeds");
    long first = study.recipe().training().seed();
    LongStream.range(first, first + study.seeds()).forEach(seeds::add);
    root.set("earlier_seeds", JSON.valueToTree(setup.earlierSeeds()));
    if (study.world() != null) {
      root.putObject("world")
          .put("kind", study.world().kind().text())
          .put("seed", study.world().seed())
          .put("scale", study.world().scale())
          .put("test_part", study.world().testPart().text());
    }
    root.put("parameters", models.own().parameters()).set("versions", versions());
    root.set("sources", JSON.valueToTree(study.recipe().sources().keySet()));
    root.set(
        "general",
        JSON.valueToTree(
            study.recipe().sources().entrySet().stream()
                .filter(source -> source.getValue().role() == Corpus.Role.GENERAL)
                .map(Map.Entry::getKey)
                .toList()));
    ObjectNode benchmarks = root.putObject("benchmarks");
    study
        .benchmarks()
        .forEach(
            (name, benchmark) -> {
              ObjectNode shown = benchmarks.putObject(name).put("source", benchmark.source());
              shown.set("scores", JSON.valueToTree(benchmark.scores()));
            });
    ObjectNode grid = root.putObject("grid");
    grid.set("amounts", JSON.valueToTree(study.amounts()));
    grid.set("ratios", JSON.valueToTree(study.ratios()));
    grid.set("dmt_k", JSON.valueToTree(study.dmtK()));
    grid.put("headline_k", study.headlineK()).put("ratio_general", study.ratioGeneral());
    grid.set("specialized", JSON.valueToTree(study.grid().specialized()));
    grid.set("general", JSON.valueToTree(study.grid().general()));
    ObjectNode base = root.putObject("base");
    if (Files.exists(folder.node(graph.base()))) {
      base.set("held_out", node(graph.base()).path("held_out"));
      scores(graph.base(), study.benchmarks().keySet())
          .ifPresent(scores -> base.set("scores", scores));
    }
    if (study.sizes() != null) {
      root.set("sizes", sizes(study.sizes()));
    }
    if (study.lora() != null) {
      root.set("lora", lora(study.lora()));
    }
    ArrayNode cells = root.putArray("cells");
    for (StudyCell cell : graph.cells()) {
      // Stages are shared, so that cells of questions that nobody asked may be complete, too.
      if (Files.exists(folder.cellRecipe(cell))) {
        cellNode(cell).ifPresent(cells::add);
      }
    }
    String representations = RepresentationAnalysis.key(graph);
    if (Files.exists(folder.analysis(representations))) {
      root.putObject("analyses").put(RepresentationAnalysis.NAME, representations);
    }
    return root;
  }

  private ObjectNode sizes(SizesRecipe study) throws IOException {
    ObjectNode sizes = JSON.createObjectNode();
    sizes.set("amounts", JSON.valueToTree(study.amounts()));
    sizes.put("share", study.share());
    ArrayNode models = sizes.putArray("models");
    for (String name : study.models().keySet()) {
      ObjectNode model = models.addObject().put("name", name);
      model.put("parameters", this.models.parameters(name));
      model.put("base_model", setup.hashes().sizes().get(name));
      String base = graph.base(name);
      if (Files.exists(folder.node(base))) {
        model.set("held_out", node(base).path("held_out"));
      }
    }
    return sizes;
  }

  private ObjectNode lora(LoraRecipe study) {
    ObjectNode lora = JSON.createObjectNode();
    lora.set("amounts", JSON.valueToTree(study.amounts()));
    lora.put("share", study.share());
    ArrayNode ranks = lora.putArray("ranks");
    for (int rank : study.ranks()) {
      double rate = study.learningRates().get(study.ranks().indexOf(rank));
      ObjectNode each = ranks.addObject().put("rank", rank);
      each.put("parameters", models.trained(study, rank)).put("learning_rate", rate);
    }
    return lora;
  }

  private ObjectNode versions() {
    ObjectNode versions = JSON.createObjectNode().put("dmt", version);
    versions.put("dmt_sources", BuildVersion.current().sources());
    versions.put("dmt_commit", BuildVersion.current().commit());
    versions.put("base_model", setup.hashes().model());
    versions.set("sources", JSON.valueToTree(setup.hashes().sources()));
    versions.set("benchmarks", JSON.valueToTree(setup.hashes().benchmarks()));
    return versions
        .put("template", setup.hashes().template())
        .put("dtype", setup.study().recipe().engine().dtype().text())
        .put("threads", setup.study().recipe().engine().threads());
  }

  /** A cell with all of its results; empty while one is to come, or if one has failed. */
  private Optional<ObjectNode> cellNode(StudyCell cell) throws IOException {
    List<StageNode> path = graph.path(cell);
    for (StageNode node : path) {
      if (!Files.exists(folder.node(node.key()))) {
        return Optional.empty();
      }
    }
    List<String> benchmarks = StudyGraph.benchmarks(setup.study(), cell);
    Optional<ObjectNode> scores = scores(graph.last(cell).key(), benchmarks);
    if (scores.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode object = JSON.createObjectNode();
    object.put("id", cell.id()).put("group", cell.group());
    object.put("question", cell.question().word()).put("paper", cell.question().paper());
    object.put("setup", cell.setup());
    if (!cell.size().isEmpty()) {
      object.put("size", cell.size());
    }
    if (cell.question() == StudyQuestion.LORA) {
      object.put("lora_rank", cell.loraRank());
    }
    object.put("strategy", cell.recipe().strategy().name());
    if (cell.recipe().strategy().source() != null) {
      object.put("source", cell.recipe().strategy().source());
    }
    boolean replays = cell.recipe().strategy().k() != null;
    object.put(replays ? "k" : "fraction", cell.share());
    object.put("seed", cell.seed());
    object.put("recipe", folder.root().relativize(folder.cellRecipe(cell)).toString());
    ArrayNode stages = object.putArray("stages");
    for (StageNode node : path) {
      ObjectNode stage = ((ObjectNode) node(node.key())).deepCopy();
      if (!node.equals(graph.last(cell)) && graph.scored(setup.study(), cell).contains(node)) {
        Optional<ObjectNode> between = scores(node.key(), benchmarks);
        if (between.isEmpty()) {
          return Optional.empty();
        }
        stage.set("scores", between.get());
      }
      stages.add(stage);
    }
    object.set("scores", scores.get());
    object.set("evaluations", evaluations(graph.last(cell).key(), benchmarks));
    return Optional.of(object);
  }

  /** Scores of a model by benchmark; empty while one is to come. */
  private Optional<ObjectNode> scores(String node, Collection<String> benchmarks)
      throws IOException {
    ObjectNode scores = JSON.createObjectNode();
    for (String benchmark : benchmarks) {
      String key = StudyTasks.evaluationKey(setup, node, benchmark);
      Path report = folder.evaluation(key).resolve(CellEvaluation.REPORT_FILE);
      if (Files.exists(report)) {
        scores.set(benchmark, read(report).path("scores"));
        continue;
      }
      Optional<TaskFailure> failure = TaskFailure.read(folder.failure(key));
      if (failure.isEmpty() || !failure.get().missing()) {
        return Optional.empty();
      }
      scores.putObject(benchmark).put("missing", failure.get().reason());
    }
    return Optional.of(scores);
  }

  /** Names of the folders with a model's completions, by benchmark that was scored. */
  private ObjectNode evaluations(String node, Collection<String> benchmarks) {
    ObjectNode keys = JSON.createObjectNode();
    for (String benchmark : benchmarks) {
      String key = StudyTasks.evaluationKey(setup, node, benchmark);
      if (Files.exists(folder.evaluation(key))) {
        keys.put(benchmark, key);
      }
    }
    return keys;
  }

  private JsonNode node(String key) throws IOException {
    return read(folder.node(key).resolve("node.json"));
  }

  private JsonNode read(Path file) throws IOException {
    JsonNode known = cache.get(file);
    if (known == null) {
      known = JSON.readTree(Files.readString(file));
      cache.put(file, known);
    }
    return known;
  }

  private ObjectNode timing() throws IOException {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode tasks = root.putArray("tasks");
    double train = 0;
    double all = 0;
    Set<String> finished = finished();
    for (String key : finished) {
      Path node = folder.node(key).resolve(StudyTiming.FILE);
      Path evaluation = folder.evaluation(key).resolve(StudyTiming.FILE);
      Path analysis = folder.analysis(key).resolve(StudyTiming.FILE);
      Path file = Files.exists(node) ? node : Files.exists(evaluation) ? evaluation : analysis;
      if (Files.exists(file)) {
        JsonNode each = read(file);
        tasks.add(((ObjectNode) each.deepCopy()).put("key", key));
        train += each.path("train_seconds").asDouble();
        all += each.path("seconds").asDouble();
      }
    }
    double now = finished.equals(before) ? 0 : (System.nanoTime() - begun) * 1e-9;
    if (!Double.isNaN(wallSeconds)) {
      root.put(WALL_SECONDS, wallSeconds + now);
    }
    if (Files.exists(folder.command())) {
      root.put("command", Files.readString(folder.command()).strip());
    }
    return root.put("train_seconds", train)
        .put("process_seconds", all)
        .put("cpu", CpuModel.name())
        .put("cores", Runtime.getRuntime().availableProcessors())
        .put("java", System.getProperty("java.version"));
  }

  /** Keys of all finished work, in the order of the graph. */
  private Set<String> finished() {
    Set<String> finished = new java.util.LinkedHashSet<>();
    List<String> models = new ArrayList<>(List.of(graph.base()));
    graph.nodes().forEach(node -> models.add(node.key()));
    for (String model : models) {
      if (Files.exists(folder.node(model))) {
        finished.add(model);
        evaluationKeys(model, setup.study().benchmarks().keySet()).stream()
            .filter(key -> Files.exists(folder.evaluation(key)))
            .forEach(finished::add);
      }
    }
    String representations = RepresentationAnalysis.key(graph);
    if (Files.exists(folder.analysis(representations))) {
      finished.add(representations);
    }
    return finished;
  }

  private List<String> evaluationKeys(String node, Collection<String> benchmarks) {
    return benchmarks.stream()
        .map(benchmark -> StudyTasks.evaluationKey(setup, node, benchmark))
        .toList();
  }
}
