package ai.dmt.study;

import ai.dmt.strategies.Strategies;
import ai.dmt.train.Schedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * All cells of a study and the nodes that they go through: equal stages after equal stages are one
 * node. Parents come before their children.
 */
public final class StudyGraph {
  private final Map<String, String> contexts;
  private final Map<String, String> bases = new LinkedHashMap<>(); // folders of models by key
  private final List<StudyCell> cells;
  private final Map<String, StageNode> nodes = new LinkedHashMap<>();
  private final Map<String, List<String>> paths = new LinkedHashMap<>(); // by cell id
  private final Set<String> filtered = new HashSet<>(); // keys of nodes

  /**
   * Builds the graph.
   *
   * @param study whose cells are planned
   * @param contexts identity of what all cells of a size share, by the size's name; "" for those of
   *     the study's own model; of adapters by {@link LoraRecipe#name}
   * @param sizes samples by source, of sources whose data was read
   */
  public StudyGraph(
      StudyDefinition study, Map<String, String> contexts, Map<String, Integer> sizes) {
    this.cells = StudyCells.of(study, sizes);
    this.contexts = Map.copyOf(contexts);
    bases.put(base(), study.recipe().model());
    Map<StudyCell, Schedule> schedules = new LinkedHashMap<>();
    Set<String> inner = new HashSet<>();
    for (StudyCell cell : cells) {
      Schedule schedule = Strategies.plan(cell.recipe(), cell.recipe().corpus(sizes));
      schedules.put(cell, schedule);
      List<String> path = new ArrayList<>();
      boolean isFiltered = cell.question() == StudyQuestion.FILTERED;
      String data = isFiltered ? "\n" + Objects.requireNonNull(study.filtered()).identity() : "";
      for (int stage = 0; stage < schedule.stages().size(); stage++) {
        path.add(StudyHashes.ofText(context(cell) + data + "\n" + schedule.key(stage)));
      }
      if (isFiltered) {
        filtered.addAll(path);
      }
      paths.put(cell.id(), List.copyOf(path));
      bases.putIfAbsent(base(cell.size()), cell.recipe().model());
      inner.addAll(path.subList(0, path.size() - 1));
    }
    schedules.forEach((cell, schedule) -> addNodes(cell, schedule, inner));
  }

  /**
   * {@return whether a node is trained on the sources without some topics}
   *
   * @param node a key
   */
  boolean isFiltered(String node) {
    return filtered.contains(node);
  }

  /**
   * {@return the nodes of a cell whose models are scored, the last one at least: of strategies
   * those between the stages, too, for as many seeds as the study says}
   *
   * @param study that the graph was made of
   * @param cell one of {@link #cells()}
   */
  List<StageNode> scored(StudyDefinition study, StudyCell cell) {
    long number = cell.seed() - study.recipe().training().seed();
    boolean all = cell.question() == StudyQuestion.STRATEGIES && number < study.stageScores();
    return all ? path(cell) : List.of(last(cell));
  }

  /** An adapter's settings are in its name's context, so that no other run shares its stages. */
  private String context(StudyCell cell) {
    return context(
        cell.loraRank() == LoraRecipe.FULL ? cell.size() : LoraRecipe.name(cell.loraRank()));
  }

  private String context(String size) {
    String known = contexts.get(size);
    return known == null ? contexts.get("") + "\n" + size : known;
  }

  /** Key of the base model of a size; "" is the study's own. */
  String base(String size) {
    return StudyHashes.ofText(context(size) + "\nbase");
  }

  /** Folder of the base model of a key. */
  Path baseModel(String key) {
    return Path.of(Objects.requireNonNull(bases.get(key), key));
  }

  /**
   * {@return names of the benchmarks that some cells ask of each node's model}
   *
   * @param study that the graph was made of
   * @param some of {@link #cells()}
   */
  Map<StageNode, Set<String>> scored(StudyDefinition study, Collection<StudyCell> some) {
    Map<StageNode, Set<String>> asked = new LinkedHashMap<>();
    for (StudyCell cell : some) {
      for (StageNode node : scored(study, cell)) {
        asked.computeIfAbsent(node, key -> new LinkedHashSet<>()).addAll(benchmarks(study, cell));
      }
    }
    return asked;
  }

  /**
   * {@return names of the benchmarks that a cell's model is scored on, in the study's order: an
   * amount of one source in its own ability, as in the paper; all else in all. Of other sizes some
   * seeds may have held-out losses alone}
   *
   * @param study that the cell is of
   * @param cell whose models are scored
   */
  static List<String> benchmarks(StudyDefinition study, StudyCell cell) {
    if (cell.question() == StudyQuestion.SIZE) {
      long number = cell.seed() - study.recipe().training().seed();
      int scored = Objects.requireNonNull(study.sizes()).scoredSeeds();
      if (scored > 0 && number >= scored) {
        return List.of();
      }
    }
    if (cell.question() == StudyQuestion.LORA) {
      long number = cell.seed() - study.recipe().training().seed();
      int scored = Objects.requireNonNull(study.lora()).scoredSeeds();
      if (scored > 0 && number >= scored) {
        return List.of();
      }
    }
    return study.benchmarks().entrySet().stream()
        .filter(
            benchmark -> !isOfOneSource(cell) || benchmark.getValue().source().equals(cell.setup()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isOfOneSource(StudyCell cell) {
    return cell.question() == StudyQuestion.AMOUNT
        || List.of(StudyQuestion.MATCHED, StudyQuestion.SIZE, StudyQuestion.LORA)
                .contains(cell.question())
            && cell.recipe().sources().containsKey(cell.setup());
  }

  private void addNodes(StudyCell cell, Schedule schedule, Set<String> inner) {
    List<String> path = keys(cell);
    for (int stage = 0; stage < path.size(); stage++) {
      String key = path.get(stage);
      if (!nodes.containsKey(key)) {
        nodes.put(
            key,
            new StageNode(
                key,
                stage == 0 ? "" : path.get(stage - 1),
                base(cell.size()),
                cell.size(),
                cell.loraRank(),
                schedule.stages().get(stage),
                schedule.seed(),
                schedule.subsetSeed(),
                inner.contains(key),
                "%s: %s".formatted(cell.id(), schedule.stages().get(stage).name())));
      }
    }
  }

  /** {@return the key of the base model's own evaluation} */
  public String base() {
    return base("");
  }

  /** {@return all cells, question after question} */
  public List<StudyCell> cells() {
    return cells;
  }

  /** {@return all nodes, parents first} */
  public List<StageNode> nodes() {
    return List.copyOf(nodes.values());
  }

  /**
   * {@return the node of a key; empty if there is none}
   *
   * @param key that names the node's folder
   */
  public Optional<StageNode> node(String key) {
    return Optional.ofNullable(nodes.get(key));
  }

  /**
   * {@return the nodes that a cell goes through, in the order of its stages}
   *
   * @param cell one of {@link #cells()}
   */
  public List<StageNode> path(StudyCell cell) {
    return keys(cell).stream().map(nodes::get).toList();
  }

  private List<String> keys(StudyCell cell) {
    List<String> keys = paths.get(cell.id());
    if (keys == null) {
      throw new IllegalArgumentException("the study has no cell " + cell.id());
    }
    return keys;
  }

  /**
   * {@return the node whose model is a cell's}
   *
   * @param cell one of {@link #cells()}
   */
  public StageNode last(StudyCell cell) {
    List<StageNode> path = path(cell);
    return path.get(path.size() - 1);
  }

  /**
   * {@return the nodes of some cells, each once, parents first}
   *
   * @param some of {@link #cells()}
   */
  public List<StageNode> nodesOf(Collection<StudyCell> some) {
    Set<StageNode> wanted = new LinkedHashSet<>();
    some.forEach(cell -> wanted.addAll(path(cell)));
    return List.copyOf(wanted);
  }
}
