package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.internal.text.Named;
import ai.dmt.recipe.EngineRecipe;
import ai.dmt.run.PreparedSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The models of a study that was trained, by name, and what it held out. */
public final class StudyModels implements AutoCloseable {
  /** Name of the base model. */
  public static final String BASE = "base model";

  private static final Pattern STAGE = Pattern.compile("(.*), stage (\\d{1,3})");

  private final StudyFolder folder;
  private final StudySetup setup;
  private final PreparedSources sources;
  private final StudyGraph graph;

  private StudyModels(
      StudyFolder folder, StudySetup setup, PreparedSources sources, StudyGraph graph) {
    this.folder = folder;
    this.setup = setup;
    this.sources = sources;
    this.graph = graph;
  }

  /**
   * Reads a study.
   *
   * @param folder of a study that was begun
   * @return its models; to be closed by the caller
   * @throws ConfigException if there is no study, or its data or base model are at fault
   * @throws IOException if it cannot be read
   */
  public static StudyModels open(StudyFolder folder) throws IOException {
    if (!Files.exists(folder.study())) {
      throw new ConfigException(
          "%s holds no study: there is no study.yaml".formatted(folder.root()));
    }
    StudySetup setup = StudySetup.read(folder);
    PreparedSources sources = PreparedSources.of(setup.study().recipe(), folder.prepared());
    try {
      Map<String, String> contexts = setup.hashes().contexts(setup.study());
      return new StudyModels(
          folder, setup, sources, new StudyGraph(setup.study(), contexts, sources.sizes()));
    } catch (RuntimeException e) {
      sources.close();
      throw e;
    }
  }

  StudySetup setup() {
    return setup;
  }

  PreparedSources sources() {
    return sources;
  }

  /**
   * {@return the seeds of which all of some models were trained, the first one first}
   *
   * @param names as in {@link #folder(String)}
   * @throws ConfigException if there is no such model, or none of the seeds has all of them
   */
  public List<Long> seeds(List<String> names) {
    List<String> groups = names.stream().filter(name -> !name.equals(BASE)).toList();
    List<Long> seeds =
        cells(groups.isEmpty() ? graph.cells().get(0).group() : group(groups.get(0))).stream()
            .map(StudyCell::seed)
            .filter(seed -> groups.stream().allMatch(name -> isTrained(name, seed)))
            .distinct()
            .toList();
    if (seeds.isEmpty()) {
      groups.forEach(this::folder); // says which is missing
      throw new ConfigException(
          "%s has no seed with models of all of %s".formatted(folder.root(), names));
    }
    return seeds;
  }

  private boolean isTrained(String name, long seed) {
    return cells(group(name)).stream()
        .filter(cell -> cell.seed() == seed)
        .anyMatch(cell -> Files.exists(folder.model(stage(name, cell).key())));
  }

  /**
   * {@return the folder of a model of the first seed}
   *
   * @param name "base model", a group such as "dmt k=1/16", or a stage of one such as
   *     "mixed-sequential, stage 1"
   * @throws ConfigException if there is no such model, or it was not trained yet
   */
  public Path folder(String name) {
    return name.equals(BASE) ? base() : folder.model(node(name).key());
  }

  /**
   * {@return the folder of a model of one seed}
   *
   * @param name as in {@link #folder(String)}
   * @param seed of training
   * @throws ConfigException if there is no such model, or it was not trained yet
   */
  public Path folder(String name, long seed) {
    return name.equals(BASE) ? base() : folder.model(node(name, seed).key());
  }

  private Path base() {
    return sources.model().folder();
  }

  /** The trained node of a name as in {@link #folder(String)}, but for the base model. */
  StageNode node(String name) {
    return node(name, cells(group(name)).get(0).seed());
  }

  private StageNode node(String name, long seed) {
    StudyCell cell =
        cells(group(name)).stream()
            .filter(each -> each.seed() == seed)
            .findFirst()
            .orElseThrow(
                () -> new ConfigException("\"%s\" has no seed %s".formatted(group(name), seed)));
    StageNode node = stage(name, cell);
    if (!Files.exists(folder.model(node.key()))) {
      throw new ConfigException(
          "%s has no model of \"%s\" yet: run the study's question %s first"
              .formatted(folder.root(), cell.id(), cell.question().word()));
    }
    return node;
  }

  private static String group(String name) {
    Matcher stage = STAGE.matcher(name);
    return stage.matches() ? stage.group(1) : name;
  }

  /** The node that a name means on a cell's path: the last one, or that of its stage. */
  private StageNode stage(String name, StudyCell cell) {
    List<StageNode> path = graph.path(cell);
    Matcher stage = STAGE.matcher(name);
    int number = stage.matches() ? Integer.parseInt(stage.group(2)) : path.size();
    if (number < 1 || number > path.size()) {
      throw new ConfigException(
          "\"%s\" has the stages 1 to %s, got %s".formatted(cell.group(), path.size(), number));
    }
    return path.get(number - 1);
  }

  /** Of a group, the first seed first. */
  private List<StudyCell> cells(String group) {
    String[] groups =
        graph.cells().stream().map(StudyCell::group).distinct().toArray(String[]::new);
    String known = Named.ofKind("group of the study", groups, name -> name, group, BASE);
    return graph.cells().stream().filter(cell -> cell.group().equals(known)).toList();
  }

  /**
   * {@return the study's held-out samples}
   *
   * @param limit most samples of a source, the first ones; 0 for all
   * @throws ConfigException if a source has none
   */
  public HeldOutData heldOut(long limit) {
    if (sources.heldOut().size() < sources.sources().size()) {
      throw new ConfigException(
          "every source needs held-out samples: give data.eval_fraction or held_out in the"
              + " study's recipe");
    }
    int longest = setup.study().recipe().data().cutoffLen();
    return HeldOutData.of(sources.heldOut(), Map.of(), limit, longest);
  }

  /** {@return how the study's models compute, without gradients} */
  public EngineConfig inference() {
    EngineRecipe engine = setup.study().recipe().engine();
    return EngineConfig.inference()
        .withDevice(new DeviceConfig(engine.device(), engine.deviceIndex()))
        .withComputeDType(engine.dtype())
        .withThreads(engine.threads());
  }

  @Override
  public void close() {
    sources.close();
  }
}
