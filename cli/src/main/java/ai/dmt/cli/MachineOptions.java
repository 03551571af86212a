package ai.dmt.cli;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.ModelConfig;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.Units;
import ai.dmt.model.ModelInfo;
import ai.dmt.plan.Calibration;
import ai.dmt.plan.GpuKind;
import ai.dmt.plan.Machine;
import ai.dmt.plan.ModelPreset;
import ai.dmt.plan.Placement;
import ai.dmt.plan.RunPlan;
import ai.dmt.plan.RunPlanner;
import ai.dmt.plan.SampleLengths;
import ai.dmt.plan.SpeedFile;
import ai.dmt.plan.WayPlan;
import ai.dmt.plan.WayTable;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.run.PlanningData;
import ai.dmt.strategies.SchedulePlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The machine that a run is planned for, and what of the run is not in the recipe. */
final class MachineOptions {
  private static final double GIGA = 1e9;

  @Option(
      names = "--gpus",
      defaultValue = "1",
      paramLabel = "N",
      description = "Plan for so many GPUs; with --gpu cpu, so many ranks on this machine.")
  private int gpus;

  @Option(
      names = "--gpu",
      defaultValue = "h100-80gb",
      paramLabel = "KIND",
      completionCandidates = Kinds.class,
      description = {
        "Which: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
        "cpu and here are this machine: here has a GPU if there is one."
      })
  private String gpu;

  @Option(
      names = "--gpus-per-node",
      defaultValue = "8",
      paramLabel = "N",
      description = "GPUs of a node (default: ${DEFAULT-VALUE}).")
  private int gpusPerNode;

  @Option(
      names = "--memory",
      paramLabel = "GB",
      description =
          "10^9 bytes of each GPU, or of the machine whose CPUs compute (default: those of the"
              + " kind, or of this machine).")
  private Double memory;

  @Option(
      names = "--network",
      paramLabel = "GB",
      description =
          "10^9 bytes a second of each GPU to other nodes (default: those of the kind, 50 for an"
              + " H100 with an adapter of its own).")
  private Double network;

  @Option(
      names = "--shape",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = BenchOptions.Presets.class,
      description = {
        "Shape of the model where its folder is not here: ${COMPLETION-CANDIDATES}.",
        "With --compare, several are possible: 7b,13b,33b,65b."
      })
  private List<String> shapes = new ArrayList<>();

  @Option(
      names = "--compare",
      description =
          "Print full training, LoRA and QLoRA side by side: memory and time of each at its best.")
  private boolean compare;

  @Option(
      names = "--tokens-per-sample",
      paramLabel = "N",
      description = "Mean length where the data is not here (default: cutoff_len, the longest).")
  private Double tokensPerSample;

  @Option(
      names = "--price",
      paramLabel = "P",
      description = "Price of a GPU for an hour, for the cost.")
  private double price;

  @Option(
      names = "--calibrate",
      description = "With --gpu cpu: measure this machine for some seconds, and keep what it was.")
  private boolean calibrate;

  @Option(
      names = "--auto",
      paramLabel = "FILE",
      description = "Write the recipe with the settings that are fastest.")
  private Path auto;

  /** What --gpu takes. */
  static final class Kinds extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Kinds() {
      super(GpuKind.names());
      add(Machine.CPU);
      add(Machine.HERE);
    }
  }

  /** Plans and prints. */
  void plan(RecipeWords words, boolean json, CacheOptions cache, CommandLine line)
      throws IOException {
    checkOptions();
    Recipe recipe = words.read();
    PlanningData data =
        tokensPerSample == null
            ? PlanningData.of(recipe, cache.use(line.getErr()))
            : PlanningData.of(recipe, tokensPerSample);
    if (compare) {
      WayTable table = ways(recipe, data, line.getErr());
      line.getOut().print(json ? table.json() : table.text());
      return;
    }
    ModelConfig model = models(recipe).values().iterator().next();
    Machine machine = machine(recipe, data, model, line.getErr());
    RunPlan plan = planner(recipe, data, model, machine).plan(gpus);
    line.getOut()
        .print(
            json
                ? plan.json(price)
                : SchedulePlan.of(recipe, data.batches()).text() + "\n" + plan.text(price));
    if (auto != null) {
      WholeFile.replace(auto, RecipeWriter.yaml(plan.asRecipe()));
      line.getErr().println("dmt: wrote " + auto);
    }
  }

  private void checkOptions() {
    new Faults("plan")
        .positive("--gpus", gpus)
        .positive("--gpus-per-node", gpusPerNode)
        .notNegative("--price", price)
        .positive("--network", network == null ? 1 : network)
        .positive("--memory", memory == null ? 1 : memory)
        .require(
            network == null || !isHere(),
            "--network is between nodes of GPUs: ranks of --gpu %s share this machine"
                .formatted(gpu))
        .require(
            compare || shapes.size() < 2,
            "--shape names several models, %s: they are compared with --compare".formatted(shapes))
        .require(
            !compare || auto == null, "--compare writes no recipe: --auto is for one way to train")
        .require(
            !calibrate || shapes.size() < 2,
            "--calibrate measures one model, --shape names %s".formatted(shapes))
        .require(
            !calibrate || gpu.equals(Machine.CPU),
            "--calibrate measures this machine's CPUs: use it with --gpu cpu")
        .throwIfAny();
    if (auto != null) {
      if (Files.exists(auto)) {
        throw new ConfigException("--auto %s is there already; name another file".formatted(auto));
      }
      WholeFile.demandWritable("--auto", auto);
    }
  }

  private boolean isHere() {
    return gpu.equals(Machine.CPU) || gpu.equals(Machine.HERE);
  }

  private static RunPlanner planner(
      Recipe recipe, PlanningData data, ModelConfig model, Machine machine) {
    return new RunPlanner(recipe, data.batches(), model, data.lengths(), machine);
  }

  private WayTable ways(Recipe recipe, PlanningData data, PrintWriter err) throws IOException {
    Map<String, ModelConfig> models = models(recipe);
    ModelConfig first = models.values().iterator().next();
    Machine machine = machine(recipe, data, first, err);
    Map<String, List<WayPlan>> plans = new LinkedHashMap<>();
    models.forEach(
        (name, model) -> plans.put(name, planner(recipe, data, model, machine).ways(gpus)));
    return new WayTable(gpus, machine, plans);
  }

  /** Those of --shape, or the recipe's own; by name. */
  private Map<String, ModelConfig> models(Recipe recipe) {
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    for (String shape : shapes) {
      models.put(shape, ModelPreset.parse(shape).model(recipe.data().cutoffLen()));
    }
    if (!models.isEmpty()) {
      return models;
    }
    Path folder = Path.of(recipe.model());
    if (!recipe.model().isEmpty()
        && (Files.isRegularFile(folder.resolve("config.json"))
            || AdapterFolder.isAdapter(folder))) {
      models.put(recipe.model(), ModelInfo.shape(folder));
      return models;
    }
    throw new ConfigException(
        "the model's shape is needed: there is no %s; give --shape %s"
            .formatted(folder.resolve("config.json"), String.join("|", ModelPreset.names())));
  }

  private Machine machine(Recipe recipe, PlanningData data, ModelConfig model, PrintWriter err)
      throws IOException {
    if (gpu.equals(Machine.HERE)) {
      return withMemory(Machine.found(recipe.engine().dtype(), gpusPerNode));
    }
    if (!gpu.equals(Machine.CPU)) {
      Machine nodes = Machine.gpus(GpuKind.parse(gpu), recipe.engine().dtype(), gpusPerNode);
      return withMemory(network == null ? nodes : nodes.withNetwork(network * GIGA));
    }
    Machine here = withMemory(Machine.here());
    if (shapes.size() > 1) {
      return here; // what was measured is of one model's widths
    }
    Placement written = planner(recipe, data, model, here).asWritten(gpus);
    if (calibrate) {
      calibrate(recipe, data.lengths(), model, written, err);
    }
    return here.measuredIn(CacheOptions.speeds(), model, written.config());
  }

  private Machine withMemory(Machine machine) {
    return memory == null ? machine : machine.withMemory(Math.round(memory * GIGA));
  }

  private void calibrate(
      Recipe recipe, SampleLengths lengths, ModelConfig model, Placement written, PrintWriter err)
      throws IOException {
    long tokens = Math.round(recipe.training().globalTrainBatchSize() * lengths.mean() / gpus);
    int most = (int) Math.min(written.maxTokens(), tokens);
    String what =
        "%s ranks on this machine, %s tokens a micro-batch, two layers"
            .formatted(gpus, Units.count(most));
    err.println("dmt: measuring " + what);
    err.flush();
    SpeedFile file = new SpeedFile(CacheOptions.speeds(), Machine.CPU, model, written.config());
    file.write(
        new Calibration(model, written, lengths, most)
            .measure("measured %s: %s".formatted(LocalDate.now(), what)));
    err.println("dmt: measured; kept in " + file.path());
  }
}
