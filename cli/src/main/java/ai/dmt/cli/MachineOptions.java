package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.ModelConfig;
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
import ai.dmt.plan.Speed;
import ai.dmt.plan.SpeedFile;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.run.PreparedSources;
import ai.dmt.strategies.SchedulePlan;
import ai.dmt.strategies.Strategies;
import ai.dmt.train.SampleTable;
import ai.dmt.train.ScheduleBatches;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The machine that a run is planned for, and what of the run is not in the recipe. */
final class MachineOptions {
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
      description = "Which: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String gpu;

  @Option(
      names = "--gpus-per-node",
      defaultValue = "8",
      paramLabel = "N",
      description = "GPUs of a node (default: ${DEFAULT-VALUE}).")
  private int gpusPerNode;

  @Option(
      names = "--shape",
      paramLabel = "NAME",
      completionCandidates = BenchOptions.Presets.class,
      description = "Shape of the model where its folder is not here: ${COMPLETION-CANDIDATES}.")
  private String shape;

  @Option(
      names = "--tokens-per-sample",
      paramLabel = "N",
      description = "Mean length where the data is not here (default: cutoff_len, the longest).")
  private double tokensPerSample;

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
    }
  }

  /** Plans and prints. */
  void plan(RecipeWords words, boolean json, CacheOptions cache, CommandLine line)
      throws IOException {
    if (price < 0 || tokensPerSample < 0) {
      throw new ConfigException(
          "--price and --tokens-per-sample must be at least 0, got %s and %s"
              .formatted(price, tokensPerSample));
    }
    Recipe recipe = words.read();
    ModelConfig model = model(recipe);
    List<SampleTable> tables = tables(recipe, cache, line.getErr());
    SampleLengths lengths = lengths(recipe, tables);
    ScheduleBatches batches = Strategies.batches(recipe, tables);
    Machine machine = machine(recipe, batches, model, lengths, line.getErr());
    RunPlan plan = new RunPlanner(recipe, batches, model, lengths, machine).plan(gpus);
    PrintWriter out = line.getOut();
    out.print(
        json
            ? plan.json(price)
            : SchedulePlan.of(recipe, batches).text() + "\n" + plan.text(price));
    if (auto != null) {
      write(words, plan);
      line.getErr().println("dmt: wrote " + auto);
    }
  }

  private void write(RecipeWords words, RunPlan plan) throws IOException {
    if (Files.exists(auto)) {
      throw new ConfigException("--auto %s is there already; name another file".formatted(auto));
    }
    List<String> changes = new ArrayList<>();
    plan.changes().forEach((key, value) -> changes.add(key + "=" + value));
    if (plan.machine().device().isCuda()) {
      changes.add("engine.device=cuda");
    }
    Files.writeString(auto, RecipeWriter.yaml(words.read(changes)));
  }

  private ModelConfig model(Recipe recipe) {
    if (shape != null) {
      return ModelPreset.parse(shape).model(recipe.data().cutoffLen());
    }
    Path folder = Path.of(recipe.model());
    if (!recipe.model().isEmpty() && Files.isRegularFile(folder.resolve("config.json"))) {
      return ModelInfo.shape(folder);
    }
    throw new ConfigException(
        "the model's shape is needed: there is no %s; give --shape %s"
            .formatted(folder.resolve("config.json"), String.join("|", ModelPreset.names())));
  }

  /** Reads the data if all of it is here; else the recipe says how many samples there are. */
  private List<SampleTable> tables(Recipe recipe, CacheOptions cache, PrintWriter err) {
    boolean here =
        Files.isDirectory(Path.of(recipe.model()))
            && recipe.sources().values().stream()
                .flatMap(source -> source.files().stream())
                .allMatch(file -> Files.exists(Path.of(file)));
    if (!here || tokensPerSample > 0) {
      return recipe.corpus().tables();
    }
    try (PreparedSources prepared = PreparedSources.of(recipe, cache.use(err))) {
      return prepared.tables();
    }
  }

  private SampleLengths lengths(Recipe recipe, List<SampleTable> tables) {
    if (tables.stream().allMatch(SampleTable::hasTokens)) {
      return SampleLengths.of(tables);
    }
    return tokensPerSample > 0
        ? SampleLengths.assumed(tokensPerSample, "as --tokens-per-sample says")
        : SampleLengths.assumed(
            recipe.data().cutoffLen(),
            "the longest that there are: the data is not here; --tokens-per-sample says better");
  }

  private Machine machine(
      Recipe recipe,
      ScheduleBatches batches,
      ModelConfig model,
      SampleLengths lengths,
      PrintWriter err)
      throws IOException {
    if (!gpu.equals(Machine.CPU)) {
      if (calibrate) {
        throw new ConfigException(
            "--calibrate measures this machine's CPUs: use it with --gpu cpu");
      }
      return Machine.gpus(GpuKind.parse(gpu), recipe.engine().dtype(), gpusPerNode);
    }
    Machine cpus = Machine.cpus(Runtime.getRuntime().availableProcessors(), memory());
    Placement written = new RunPlanner(recipe, batches, model, lengths, cpus).asWritten(gpus);
    SpeedFile file = new SpeedFile(CacheOptions.speeds(), Machine.CPU, model, written.config());
    if (calibrate) {
      long tokens = Math.round(recipe.training().globalTrainBatchSize() * lengths.mean() / gpus);
      int most = (int) Math.min(written.maxTokens(), tokens);
      String basis =
          "measured %s: %s ranks on this machine, %s tokens a micro-batch, two layers"
              .formatted(LocalDate.now(), gpus, Units.count(most));
      file.write(new Calibration(model, written, lengths, most).measure(basis));
      err.println("dmt: measured; kept in " + file.path());
    }
    Optional<Speed> known = file.read();
    return known.map(cpus::measured).orElse(cpus);
  }

  /** Bytes of this machine. */
  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }
}
