package ai.dmt.study;

import ai.dmt.engine.ModelConfig;
import ai.dmt.model.ModelInfo;
import ai.dmt.plan.Machine;
import ai.dmt.plan.Placement;
import ai.dmt.plan.RunPlanner;
import ai.dmt.plan.SampleLengths;
import ai.dmt.recipe.Recipe;
import ai.dmt.study.executor.JobResources;
import ai.dmt.train.SampleTable;
import ai.dmt.train.ScheduleBatches;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * What the job of a task takes, by the planner: memory of the stage with the recipe's own settings,
 * and a time limit with a margin. A model is scored in the memory that it is trained in, which is
 * more; how long that takes nobody predicts, so the scheduler's own limit holds.
 */
final class TaskResources {
  /** What no plan knows: other processors, other work beside, slower file systems. */
  private static final double TIME_MARGIN = 3;

  private static final long STARTING_MINUTES = 10;
  private static final double MEMORY_MARGIN = 1.25;

  /** The heap that is in use, and a file's pages that are counted. */
  private static final long PROCESS_BYTES = 512L << 20;

  /** Host memory of a job on a GPU beside the copies of its weights. */
  private static final long GPU_PROCESS_BYTES = 8_000_000_000L;

  /** Weights as they are read, and the copy of the state that a checkpoint is written from. */
  private static final long GPU_BYTES_PER_PARAMETER = 4 + 12;

  private static final long REPORT_BYTES = 2L << 30;

  private final StudyDefinition study;
  private final StudyFolder folder;
  private final StudyGraph graph;
  private final List<StageNode> nodes;
  private final NodeSources sources;
  private final SizeModels models;
  private final Function<StageNode, StageSize> sizes;
  private final Map<String, ModelConfig> shapes = new HashMap<>(); // by folder
  private final Map<String, Long> memory = new HashMap<>(); // by size

  /**
   * @param nodes of the cells that are run
   */
  TaskResources(
      StudyDefinition study,
      StudyFolder folder,
      StudyGraph graph,
      List<StageNode> nodes,
      NodeSources sources,
      SizeModels models,
      Function<StageNode, StageSize> sizes) {
    this.study = study;
    this.folder = folder;
    this.graph = graph;
    this.nodes = List.copyOf(nodes);
    this.sources = sources;
    this.models = models;
    this.sizes = sizes;
  }

  /** What a task takes; also one that is no stage. */
  JobResources of(StudyTask task) {
    Recipe recipe = study.recipe();
    int cpus = Math.max(1, recipe.engine().threads());
    int gpus = recipe.engine().engineConfig(List.of("data")).device().isCuda() ? 1 : 0;
    Optional<StageNode> node = graph.node(task.key());
    StageNode like = node.or(() -> modelOf(task)).orElse(nodes.get(0));
    return new JobResources(cpus, memory(like, gpus), gpus, node.map(this::minutes).orElse(0L));
  }

  /** What writing the report takes. */
  static JobResources ofReport() {
    return new JobResources(1, REPORT_BYTES, 0, 0);
  }

  /** The stage whose model a task asks, such as a benchmark's. */
  private Optional<StageNode> modelOf(StudyTask task) {
    return task.needs().stream().flatMap(need -> graph.node(need).stream()).findFirst();
  }

  /** The largest stage of a size counts for all of its tasks. */
  private long memory(StageNode node, int gpus) {
    if (gpus > 0) {
      return GPU_PROCESS_BYTES + GPU_BYTES_PER_PARAMETER * models.parameters(node.size());
    }
    return memory.computeIfAbsent(
        node.size(),
        size ->
            nodes.stream()
                    .filter(each -> each.size().equals(size) && !graph.isFiltered(each.key()))
                    .mapToLong(each -> planned(each).memory().total())
                    .map(bytes -> (long) (MEMORY_MARGIN * (bytes + Machine.here().reserved())))
                    .max()
                    .orElse(0)
                + PROCESS_BYTES);
  }

  private Placement planned(StageNode node) {
    ScheduleBatches batches =
        new ScheduleBatches(
            node.schedule(), tables(node), study.recipe().training().globalTrainBatchSize());
    return new RunPlanner(
            study.recipe(), batches, shape(node), SampleLengths.of(tables(node)), Machine.here())
        .asWritten(1);
  }

  private List<SampleTable> tables(StageNode node) {
    return sources.tables(node);
  }

  private ModelConfig shape(StageNode node) {
    Path base = graph.baseModel(node.base());
    return shapes.computeIfAbsent(base.toString(), folder -> ModelInfo.shape(base));
  }

  /** By what finished stages took; else by what the study states; else by what is assumed. */
  private long minutes(StageNode node) {
    StageSize size = sizes.apply(node);
    OptionalDouble measured = StudyTiming.tokensPerSecond(folder, nodes, models::cost);
    double speed = measured.orElse(study.tokensPerSecond());
    double seconds =
        speed > 0
            ? size.tokens() * models.cost(node.size()) / speed
            : size.steps() * planned(node).step().seconds();
    return STARTING_MINUTES + (long) Math.ceil(TIME_MARGIN * seconds / 60);
  }
}
