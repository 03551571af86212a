package ai.dmt.study;

import ai.dmt.data.Source;
import ai.dmt.data.SourceFiles;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.Pooling;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.recipe.EngineRecipe;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.report.Section;
import ai.dmt.representation.AbilityTags;
import ai.dmt.representation.Queries;
import ai.dmt.representation.QueryStates;
import ai.dmt.representation.RepresentationReport;
import ai.dmt.representation.RepresentationStudy;
import ai.dmt.representation.Representations;
import ai.dmt.run.PreparedSources;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The representations of the base model and of all strategies' stages, of the first seed: a task of
 * the study's graph.
 */
final class RepresentationAnalysis {
  /** Name in results.json and of the file in the task's folder. */
  static final String NAME = "representations";

  private static final String VERSION = "1"; // of what is computed
  private static final int QUERIES = 128; // of each source, at most
  private static final int LEAST_QUERIES = 2 * Queries.LEAST;
  private static final long SEED = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudySetup setup;
  private final StudyFolder folder;
  private final PreparedSources sources;
  private final Map<String, String> models; // names by key of node, the base first

  private RepresentationAnalysis(
      StudySetup setup, StudyFolder folder, PreparedSources sources, Map<String, String> models) {
    this.setup = setup;
    this.folder = folder;
    this.sources = sources;
    this.models = models;
  }

  /** Key of the task of a whole study. */
  static String key(StudyGraph graph) {
    return StudyHashes.ofText(NAME + VERSION + String.join("\n", models(graph).keySet()));
  }

  /** The task; empty where not all of its models are asked for, or sources are too small. */
  static Optional<StudyTask> task(
      StudySetup setup,
      StudyFolder folder,
      StudyGraph graph,
      PreparedSources sources,
      Collection<StudyCell> cells) {
    List<StudyCell> wanted = cells(graph);
    if (wanted.isEmpty() || !cells.containsAll(wanted) || !hasQueries(sources)) {
      return Optional.empty();
    }
    Map<String, String> models = models(graph);
    RepresentationAnalysis analysis = new RepresentationAnalysis(setup, folder, sources, models);
    String key = key(graph);
    return Optional.of(
        new StudyTask(
            key,
            NAME,
            folder.analysis(key),
            List.copyOf(models.keySet()),
            StudyTask.Load.FIRST,
            fresh -> analysis.fill(graph.base(), fresh)));
  }

  /** Cells of the strategies, of the first seed. */
  private static List<StudyCell> cells(StudyGraph graph) {
    List<StudyCell> all =
        graph.cells().stream().filter(cell -> cell.question() == StudyQuestion.STRATEGIES).toList();
    return all.stream().filter(cell -> cell.seed() == all.get(0).seed()).toList();
  }

  /** The base model, the strategies' models, then stages in between and sources alone. */
  private static Map<String, String> models(StudyGraph graph) {
    Map<String, String> models = new LinkedHashMap<>();
    models.put(graph.base(), "base model");
    List<StudyCell> cells = cells(graph);
    for (boolean alone : new boolean[] {false, true}) {
      for (StudyCell cell : cells) {
        if (alone == cell.recipe().strategy().name().equals("individual")) {
          models.put(graph.last(cell).key(), GroupNames.readable(cell.group()));
        }
      }
    }
    for (StudyCell cell : cells) {
      List<StageNode> path = graph.path(cell);
      for (int stage = 0; stage < path.size(); stage++) {
        String name = "%s, stage %s".formatted(GroupNames.readable(cell.group()), stage + 1);
        models.putIfAbsent(path.get(stage).key(), name);
      }
    }
    return models;
  }

  /** Held-out samples of all sources; what they are trained on where nothing is held out. */
  private static List<Source> samples(PreparedSources sources) {
    List<Source> heldOut = sources.heldOut();
    return heldOut.size() == sources.sources().size() ? heldOut : sources.train();
  }

  private static boolean hasQueries(PreparedSources sources) {
    List<Source> samples = samples(sources);
    return samples.size() > 1
        && samples.stream().allMatch(source -> source.samples().size() >= LEAST_QUERIES);
  }

  private String fill(String base, Path target) throws IOException {
    long start = System.nanoTime();
    List<Source> samples = samples(sources);
    int count = samples.stream().mapToInt(source -> source.samples().size()).min().orElseThrow();
    Queries queries =
        Queries.draw(samples, AbilityTags.read(files()), Math.min(QUERIES, count), SEED);
    List<QueryStates> states = new ArrayList<>();
    for (String node : models.keySet()) {
      Path model = node.equals(base) ? sources.model().folder() : folder.model(node);
      states.add(states(model, queries));
    }
    int layer = RepresentationStudy.usualLayer(states.get(0).layers().length - 1);
    List<String> names = List.copyOf(models.values());
    Representations found =
        RepresentationStudy.of(queries, names, states, layer, List.of(0, dmt(names)), SEED);
    FileOutput.write(target.resolve(NAME + ".json"), JSON.writeValueAsString(found) + "\n");
    NodeTraining.writeTiming(target, NAME, 0, 0, (System.nanoTime() - start) * 1e-9);
    return "%s queries in %s models".formatted(queries.prompts().size(), names.size());
  }

  /** The paper draws the base model and DMT. */
  private static int dmt(List<String> names) {
    for (int m = 0; m < names.size(); m++) {
      if (names.get(m).matches("DMT k=\\S+")) {
        return m;
      }
    }
    throw new IllegalStateException("no model of DMT among " + names);
  }

  private QueryStates states(Path model, Queries queries) {
    int tokens = setup.study().recipe().training().maxTokensPerMicroBatch();
    try (NativeEngine engine = NativeEngine.open(model, config())) {
      return QueryStates.of(engine, queries.prompts(), Pooling.MEAN, tokens);
    }
  }

  private EngineConfig config() {
    EngineRecipe engine = setup.study().recipe().engine();
    return EngineConfig.inference()
        .withDevice(new DeviceConfig(engine.device(), engine.deviceIndex()))
        .withComputeDType(engine.dtype())
        .withThreads(engine.threads());
  }

  private List<SourceFiles> files() {
    List<SourceFiles> files = new ArrayList<>();
    setup
        .study()
        .recipe()
        .sources()
        .forEach(
            (name, source) -> {
              boolean apart = !source.heldOut().isEmpty();
              SourceRecipe read = apart ? source.heldOutSource() : source;
              files.add(read.sourceFiles(name));
            });
    return files;
  }

  /** The section of a report whose results name the task; empty where it was not done. */
  static Optional<Section> section(StudyFolder folder, String key) throws IOException {
    Path file = folder.analysis(key).resolve(NAME + ".json");
    if (key.isEmpty() || !Files.exists(file)) {
      return Optional.empty();
    }
    Representations found = JSON.readValue(Files.readString(file), Representations.class);
    return Optional.of(new RepresentationReport(found).section());
  }
}
