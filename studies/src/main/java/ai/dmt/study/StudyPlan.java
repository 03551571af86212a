package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.prepare.CacheUse;
import ai.dmt.run.PreparedSources;
import ai.dmt.train.SampleTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a study would train: cells, nodes, samples, tokens, steps and the time that it will take.
 * Made without libtorch, and without data where sizes are stated.
 */
public final class StudyPlan {
  private final StudyDefinition study;
  private final StudyGraph graph;
  private final List<StudyCell> cells;
  private final Map<String, StageSize> sizes = new LinkedHashMap<>();
  private final boolean exact;
  private final @Nullable GpuHours hours; // null where the study names no GPU
  private final ToDoubleFunction<String> cost; // of a token, by size

  /**
   * Counts the nodes of some cells.
   *
   * @param study that the graph was made of
   * @param graph of the study
   * @param cells those that are planned
   * @param tables of all sources, with or without lengths
   */
  public StudyPlan(
      StudyDefinition study, StudyGraph graph, List<StudyCell> cells, List<SampleTable> tables) {
    this(study, graph, cells, node -> tables, size -> 1);
  }

  /**
   * With what a token of each size costs, in tokens of the study's own model.
   *
   * @param tables of all sources, as a node is trained on them
   */
  StudyPlan(
      StudyDefinition study,
      StudyGraph graph,
      List<StudyCell> cells,
      Function<StageNode, List<SampleTable>> tables,
      ToDoubleFunction<String> cost) {
    this.cost = cost;
    this.study = study;
    this.graph = graph;
    this.cells = List.copyOf(cells);
    this.hours = study.cost() == null ? null : GpuHours.of(study, study.cost());
    int batch = study.recipe().training().globalTrainBatchSize();
    boolean known = true;
    for (StageNode node : graph.nodesOf(cells)) {
      List<SampleTable> own = tables.apply(node);
      known &= own.stream().allMatch(SampleTable::hasTokens);
      sizes.put(node.key(), StageSize.of(node, own, batch, study.tokensPerSample()));
    }
    this.exact = known;
  }

  /**
   * Plans with the data where it is there, else with the sizes that the study states.
   *
   * @param study to plan
   * @param hashes of its files, for the keys of nodes
   * @param questions whose cells are planned
   * @param only ids of cells; empty for all of the questions
   * @return the plan of the cells that are asked for
   */
  public static StudyPlan of(
      StudyDefinition study, StudyHashes hashes, List<StudyQuestion> questions, List<String> only) {
    boolean files =
        study.recipe().sources().values().stream()
            .allMatch(
                source ->
                    source.files().stream().allMatch(file -> Files.isRegularFile(Path.of(file))));
    if (!files && study.recipe().sources().values().stream().allMatch(s -> s.samples() > 0)) {
      StudyGraph graph = new StudyGraph(study, hashes.contexts(study), Map.of());
      List<StudyCell> cells = StudyCells.select(graph.cells(), questions, only);
      return new StudyPlan(study, graph, cells, statedTables(study, graph), size -> 1);
    }
    try (PreparedSources sources = PreparedSources.of(study.recipe(), CacheUse.none())) {
      StudyGraph graph = new StudyGraph(study, hashes.contexts(study), sources.sizes());
      List<StudyCell> cells = StudyCells.select(graph.cells(), questions, only);
      NodeSources nodes = NodeSources.of(study, graph, cells, sources, CacheUse.none());
      return new StudyPlan(
          study, graph, cells, nodes::tables, SizeModels.of(study, sources.model())::cost);
    }
  }

  /** Tables by what the study states; without topics all samples, unless it states what is left. */
  private static Function<StageNode, List<SampleTable>> statedTables(
      StudyDefinition study, StudyGraph graph) {
    List<SampleTable> whole = study.recipe().corpus().tables();
    FilteredRecipe recipe = study.filtered();
    List<SampleTable> filtered =
        recipe == null ? whole : recipe.applied(study.recipe()).corpus().tables();
    return node -> graph.isFiltered(node.key()) ? filtered : whole;
  }

  /**
   * {@return the size of a node}
   *
   * @param node one of {@link #nodes()}
   * @throws IllegalArgumentException if it is none of them
   */
  public StageSize size(StageNode node) {
    StageSize size = sizes.get(node.key());
    if (size == null) {
      throw new IllegalArgumentException("the plan has no node " + node.label());
    }
    return size;
  }

  /** {@return the nodes of the cells, each once, parents first} */
  public List<StageNode> nodes() {
    return graph.nodesOf(cells);
  }

  /** {@return the cells that are planned} */
  public List<StudyCell> cells() {
    return cells;
  }

  /**
   * {@return everything as tables, for people}
   *
   * @param folder whose finished nodes need no time and tell the speed
   * @param jobs processes that work at once
   */
  public String text(StudyFolder folder, int jobs) {
    StringBuilder text = new StringBuilder(headline());
    text.append(
        Units.format(
            "%n%-34s %10s %8s%s  %s%n", "cell", "tokens", "steps", hours("GPU h"), "stages"));
    cells.forEach(cell -> text.append(line(cell)));
    text.append(
        Units.format(
            "%n%-26s %-10s %-34s %8s %10s%s %8s%n",
            "stage", "after", "samples", "steps", "tokens", hours("GPU h"), "state"));
    nodes().forEach(node -> text.append(line(node, folder)));
    return text.append("\n").append(totals(folder, jobs)).toString();
  }

  /**
   * {@return counts and time alone, as the end of {@link #text}}
   *
   * @param folder whose finished nodes need no time and tell the speed
   * @param jobs processes that work at once
   */
  public String summary(StudyFolder folder, int jobs) {
    return headline() + totals(folder, jobs);
  }

  private String headline() {
    long own = cells.stream().mapToLong(cell -> graph.path(cell).size()).sum();
    return Units.format(
        "%s: %s cells, %s stages to train once (%s if no stage were shared), %s seed%s%n",
        study.name(),
        cells.size(),
        nodes().size(),
        own,
        study.seeds(),
        study.seeds() == 1 ? "" : "s");
  }

  private String line(StudyCell cell) {
    List<StageSize> path = graph.path(cell).stream().map(this::size).toList();
    return Units.format(
        "%-34s %10s %8s%s  %s%n",
        cell.id(),
        tokens(path.stream().mapToLong(StageSize::tokens).sum()),
        Units.count(path.stream().mapToLong(StageSize::steps).sum()),
        hours(graph.path(cell)),
        path.stream().map(StudyPlan::samples).collect(Collectors.joining(" -> ")));
  }

  private String line(StageNode node, StudyFolder folder) {
    StageSize size = size(node);
    return Units.format(
        "%-26s %-10s %-34s %8s %10s%s %8s%n",
        node.key(),
        node.parent().isEmpty() ? "base" : node.parent().substring(0, 8),
        samples(size),
        Units.count(size.steps()),
        tokens(size.tokens()),
        hours(List.of(node)),
        Files.exists(folder.node(node.key())) ? "done" : "to do");
  }

  /** A column of hours, where there are any. */
  private String hours(List<StageNode> some) {
    return hours == null ? "" : hours(GpuHours.text(hoursOf(hours, some)));
  }

  /** What a token of another size costs more or less is counted. */
  private double hoursOf(GpuHours known, List<StageNode> some) {
    return some.stream()
        .mapToDouble(
            n -> known.of(size(n), n.loraRank() != LoraRecipe.FULL) * cost.applyAsDouble(n.size()))
        .sum();
  }

  private String hours(String text) {
    return hours == null ? "" : Units.format(" %8s", text);
  }

  /** How many models each benchmark is put to. */
  private String scoring() {
    List<String> parts = new ArrayList<>();
    Collection<Set<String>> asked = graph.scored(study, cells).values();
    for (String name : study.benchmarks().keySet()) {
      long models =
          1 + asked.stream().filter(names -> names.contains(name)).count(); // the base, too
      parts.add("%s of %s models".formatted(name, models));
    }
    return parts.isEmpty() ? "" : "to score: %s%n".formatted(String.join(", ", parts));
  }

  private String totals(StudyFolder folder, int jobs) {
    List<StageNode> left =
        nodes().stream().filter(node -> !Files.exists(folder.node(node.key()))).toList();
    long all = nodes().stream().mapToLong(node -> size(node).tokens()).sum();
    long todo = left.stream().mapToLong(node -> size(node).tokens()).sum();
    String text =
        Units.format(
            "total: %s steps, %s tokens; left: %s stages, %s tokens%n",
            Units.count(nodes().stream().mapToLong(node -> size(node).steps()).sum()),
            tokens(all),
            left.size(),
            left.isEmpty() ? "0" : tokens(todo));
    text += scoring();
    if (hours != null && all > 0) {
      return text + hours.text(hoursOf(hours, nodes()), hoursOf(hours, left));
    }
    OptionalDouble measured = StudyTiming.tokensPerSecond(folder, nodes(), cost);
    double speed = measured.orElse(study.tokensPerSecond());
    if (all == 0 || speed == 0) {
      return text
          + "training time: not known; give tokens_per_second=N"
          + (all == 0 ? " and tokens_per_sample={SOURCE: N, ...}" : "")
          + "\n";
    }
    double work =
        left.stream().mapToDouble(n -> size(n).tokens() * cost.applyAsDouble(n.size())).sum();
    Duration time = Duration.ofSeconds(Math.round(work / speed / Math.max(1, jobs)));
    return text
        + Units.format(
            "training time left: %s with %s job%s at %s tokens/s each (%s)%s%n",
            Units.time(time),
            jobs,
            jobs == 1 ? "" : "s",
            Units.count(Math.round(speed)),
            measured.isPresent() ? "measured on finished stages" : "stated by the study",
            (study.sizes() == null ? "" : "; a token of another size counts by its parameters")
                + (study.benchmarks().isEmpty() ? "" : "; scoring is not counted"));
  }

  private String tokens(long count) {
    if (count == 0) {
      return "?";
    }
    return (exact ? "" : "~") + Units.count(count);
  }

  private static String samples(StageSize size) {
    List<String> parts = new ArrayList<>();
    size.samples().forEach((name, count) -> parts.add(name + " " + count));
    return String.join(" + ", parts);
  }
}
