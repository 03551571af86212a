package ai.dmt.study;

import ai.dmt.recipe.Recipe;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The tasks of some cells: the base model, their nodes, each model's benchmarks, and analyses. */
final class StudyTasks {
  private final StudySetup setup;
  private final StudyFolder folder;
  private final StudyGraph graph;
  private final NodeSources sources;
  private final SizeModels models;
  private final CellEvaluation evaluation;
  private final BooleanSupplier stopping;
  private final Map<String, StageSize> sizes = new HashMap<>();

  StudyTasks(
      StudySetup setup,
      StudyFolder folder,
      StudyGraph graph,
      NodeSources sources,
      SizeModels models,
      CellEvaluation evaluation,
      BooleanSupplier stopping) {
    this.stopping = stopping;
    this.setup = setup;
    this.folder = folder;
    this.graph = graph;
    this.sources = sources;
    this.models = models;
    this.evaluation = evaluation;
  }

  /** Tasks without a common order; {@link StudyTask#needs} has it. */
  List<StudyTask> of(Collection<StudyCell> cells) {
    List<StudyTask> tasks = new ArrayList<>();
    List<StageNode> nodes = graph.nodesOf(cells);
    Map<String, String> bases = new LinkedHashMap<>(Map.of(graph.base(), "base"));
    nodes.forEach(node -> bases.putIfAbsent(node.base(), "base " + node.size()));
    bases.forEach(
        (key, label) ->
            tasks.add(
                new StudyTask(
                    key,
                    label,
                    folder.node(key),
                    List.of(),
                    StudyTask.Load.FIRST,
                    fresh -> training(key).base(key, graph.baseModel(key), fresh))));
    Map<String, Double> weights = weights(nodes);
    for (StageNode node : nodes) {
      tasks.add(
          new StudyTask(
              node.key(),
              node.label(),
              folder.node(node.key()),
              needs(node),
              new StudyTask.Load(
                  Objects.requireNonNull(weights.get(node.key())), // of all nodes
                  "training",
                  size(node).tokens(),
                  models.cost(node.size())),
              fresh ->
                  training(node).train(node, graph.baseModel(node.base()), size(node), fresh)));
    }
    StudyDefinition study = setup.study();
    addEvaluations(tasks, graph.base(), "base", 1, study.benchmarks().keySet());
    graph
        .scored(study, cells)
        .forEach(
            (node, names) ->
                addEvaluations(tasks, node.key(), node.label(), models.cost(node.size()), names));
    RepresentationAnalysis.task(setup, folder, graph, sources.whole(), cells).ifPresent(tasks::add);
    return tasks;
  }

  private NodeTraining training(StageNode node) {
    LoraRecipe lora = setup.study().lora();
    Recipe recipe = setup.study().recipe();
    if (node.loraRank() != LoraRecipe.FULL) {
      Recipe adapted = Objects.requireNonNull(lora, "lora").applied(recipe, node.loraRank());
      // A fresh adapter is drawn by the run's seed, as dmt train does with the cell's recipe.
      recipe = adapted.withTraining(adapted.training().withSeed(node.seed()));
    }
    return training(recipe, node.key());
  }

  private NodeTraining training(String node) {
    return training(setup.study().recipe(), node);
  }

  private NodeTraining training(Recipe recipe, String node) {
    return new NodeTraining(recipe, folder, sources.of(node), setup.study().baseText(), stopping);
  }

  /** What a node goes on from, and what the base model has written where that is measured. */
  private List<String> needs(StageNode node) {
    List<String> needs = new ArrayList<>();
    if (setup.study().baseText() > 0) {
      needs.add(node.base());
    }
    if (!node.parent().isEmpty()) {
      needs.add(node.parent());
    }
    return needs;
  }

  private void addEvaluations(
      List<StudyTask> tasks, String node, String label, double cost, Set<String> benchmarks) {
    StudyDefinition study = setup.study();
    benchmarks.forEach(
        name -> {
          BenchmarkRecipe settings = Objects.requireNonNull(study.benchmarks().get(name));
          String key = evaluationKey(setup, node, name);
          tasks.add(
              new StudyTask(
                  key,
                  label + ": " + name,
                  folder.evaluation(key),
                  List.of(node),
                  // At once: what is done is then in the results.
                  new StudyTask.Load(Double.MAX_VALUE, name, 1, cost),
                  fresh ->
                      evaluation.evaluate(
                          name,
                          settings,
                          node.equals(graph.base())
                              ? sources.whole().model().folder()
                              : folder.model(node),
                          fresh)));
        });
  }

  /** Key of a benchmark's scores of a node's model. @param benchmark one of the study's */
  static String evaluationKey(StudySetup setup, String node, String benchmark) {
    BenchmarkRecipe settings =
        Objects.requireNonNull(setup.study().benchmarks().get(benchmark), benchmark);
    return StudyHashes.ofText(
        String.join(
            "\n",
            node,
            benchmark,
            settings.identity(),
            setup.hashes().benchmarks().get(benchmark)));
  }

  /** Cost of the longest way from a node to a cell's end: what must begin first. */
  private Map<String, Double> weights(List<StageNode> nodes) {
    Map<String, Double> weights = new HashMap<>();
    for (int n = nodes.size() - 1; n >= 0; n--) { // children come after their parents
      StageNode node = nodes.get(n);
      double below = weights.getOrDefault(node.key(), 0.0);
      double own = below + size(node).tokens() * models.cost(node.size());
      weights.put(node.key(), own);
      if (!node.parent().isEmpty()) {
        weights.merge(node.parent(), own, Math::max);
      }
    }
    return weights;
  }

  StageSize size(StageNode node) {
    return sizes.computeIfAbsent(
        node.key(),
        key ->
            StageSize.of(
                node,
                sources.tables(node),
                setup.study().recipe().training().globalTrainBatchSize(),
                Map.of()));
  }
}
