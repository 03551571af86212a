package ai.dmt.plan;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.AdamWConfig;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.RankGroups;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.StepPrediction;
import ai.dmt.engine.WorkSeconds;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.EngineRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.Packing;
import ai.dmt.train.ScheduleBatches;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Tries the settings that a recipe leaves open on a machine, and takes the fastest that fit:
 * sharding, when gradients travel, recomputation and the size of micro-batches. Of sizes that are
 * about as fast the smallest is taken, which leaves memory free. What is learnt stays the recipe's;
 * only where nothing fits are moments and gradients in bfloat16 proposed, which rounds.
 */
public final class RunPlanner {
  /** Micro-batches are tried in multiples of the longest sample. */
  private static final int[] MULTIPLES = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

  /** Part of a micro-batch that samples fill where they are packed. */
  private static final double FILLED = 0.95;

  private static final int MOST_RANKS = 4096;

  /** Times of a step that count as equal: no prediction is better. */
  private static final double AS_FAST = 1.01;

  private final Recipe recipe;
  private final ScheduleBatches batches;
  private final ModelConfig model;
  private final SampleLengths lengths;
  private final Machine machine;

  /**
   * Makes a planner; nothing is read or measured.
   *
   * @param recipe whose run is planned
   * @param batches of all of its stages; with the lengths of samples if they are known
   * @param model shape of its base model
   * @param lengths of its samples
   * @param machine that it runs on
   */
  public RunPlanner(
      Recipe recipe,
      ScheduleBatches batches,
      ModelConfig model,
      SampleLengths lengths,
      Machine machine) {
    this.recipe = recipe;
    this.batches = batches;
    this.model = model;
    this.lengths = lengths;
    this.machine = machine;
  }

  /**
   * Plans for some ranks.
   *
   * @param ranks GPUs, or processes on CPUs; at least 1
   * @return the fastest that fits, and others beside it
   * @throws ConfigException if nothing fits; names the nearest that does
   */
  public RunPlan plan(int ranks) {
    demandRanks(ranks);
    demandRoom(recipe, model);
    List<Placement> tried = placements(ranks);
    Placement best =
        best(tried).orElseThrow(() -> new ConfigException(whyNothingFits(ranks, tried)));
    return new RunPlan(
        recipe,
        batches.totalSteps(),
        model,
        lengths,
        machine,
        ranks,
        best,
        asWritten(ranks),
        others(tried));
  }

  /**
   * Chooses the size of micro-batches alone, as {@code max_tokens_per_micro_batch: auto} asks for:
   * all else is as the recipe has it.
   *
   * @param ranks GPUs, or processes on CPUs; at least 1
   * @return the smallest size of those that fit and are as fast as the fastest
   * @throws ConfigException if no size fits; names the nearest settings or machine that does
   */
  public Placement microBatch(int ranks) {
    demandRanks(ranks);
    Placement best = ofSizes(ranks);
    if (!best.fits()) {
      throw new ConfigException(whyNoSizeFits(ranks, best));
    }
    return best;
  }

  /**
   * {@return full training, LoRA and QLoRA of the recipe, each at its best, in this order; the
   * recipe's own adapter, if it has one, is that of the last two}
   *
   * @param ranks GPUs, or processes on CPUs; at least 1
   * @throws ConfigException if an adapter's rank is above what the model's matrices allow
   */
  public List<WayPlan> ways(int ranks) {
    demandRanks(ranks);
    List<WayPlan> plans = new ArrayList<>();
    for (TrainingWay way : TrainingWay.values()) {
      demandRoom(way.as(recipe), model);
      List<Placement> tried = as(way).placements(ranks);
      plans.add(
          WayPlan.of(
              way,
              recipe,
              model,
              best(tried).orElseGet(() -> least(tried)),
              recipe.training().globalTrainBatchSize() * lengths.mean(),
              batches.totalSteps()));
    }
    return plans;
  }

  private RunPlanner as(TrainingWay way) {
    return new RunPlanner(way.as(recipe), batches, model, lengths, machine);
  }

  /**
   * {@return what a run with the recipe's own settings takes, whether it fits or not}
   *
   * @param ranks GPUs, or processes on CPUs; at least 1
   */
  public Placement asWritten(int ranks) {
    int written = recipe.training().maxTokensPerMicroBatch();
    return written == TrainingRecipe.AUTO
        ? ofSizes(ranks)
        : placement(config(ranks), Math.max(written, recipe.data().cutoffLen()));
  }

  /** The best size with the recipe's own settings; the one that holds least if none fits. */
  private Placement ofSizes(int ranks) {
    EngineConfig written = config(ranks);
    List<Placement> tried =
        sizes(ranks, true).stream().map(tokens -> placement(written, tokens)).toList();
    return best(tried).orElseGet(() -> least(tried));
  }

  /** An adapter's ranks must fit the model's matrices. */
  private static void demandRoom(Recipe recipe, ModelConfig model) {
    List<String> faults =
        recipe
            .engineConfig()
            .adapter()
            .map(adapter -> AdapterShapes.faults(model, adapter))
            .orElse(List.of());
    if (!faults.isEmpty()) {
      throw new ConfigException("adapter: " + String.join("; ", faults));
    }
  }

  private static void demandRanks(int ranks) {
    if (ranks < 1 || ranks > MOST_RANKS) {
      throw new ConfigException("ranks must be in [1, %s], got %s".formatted(MOST_RANKS, ranks));
    }
  }

  /** The best size of micro-batches for each choice of the rest; what fits comes first. */
  private static List<Placement> others(List<Placement> tried) {
    Map<String, List<Placement>> alike = new LinkedHashMap<>();
    for (Placement each : tried) {
      Map<String, String> keys = PlacementText.keys(each);
      keys.remove(PlacementText.MICRO_BATCH);
      alike.computeIfAbsent(keys.toString(), key -> new ArrayList<>()).add(each);
    }
    return alike.values().stream().map(RunPlanner::bestSize).sorted(FITTING_FIRST).toList();
  }

  /** Of placements that differ in the size of micro-batches alone. */
  private static Placement bestSize(List<Placement> alike) {
    Placement fastest = alike.stream().min(FITTING_FIRST).orElseThrow();
    return alike.stream()
        .filter(each -> each.fits() == fastest.fits())
        .filter(each -> each.step().seconds() <= AS_FAST * fastest.step().seconds())
        .min(Comparator.comparingInt(Placement::maxTokens))
        .orElseThrow();
  }

  /** The fastest that fits; those that round as the recipe says come first. */
  private static Optional<Placement> best(List<Placement> tried) {
    return others(tried).stream().findFirst().filter(Placement::fits);
  }

  private static Placement least(List<Placement> tried) {
    return tried.stream()
        .min(Comparator.comparingLong(each -> each.memory().total()))
        .orElseThrow();
  }

  /** Of equally fast ones the one that holds least. */
  static final Comparator<Placement> ORDER =
      Comparator.comparing(Placement::changesNumbers)
          .thenComparingDouble(each -> each.step().seconds())
          .thenComparingLong(each -> each.memory().total());

  private static final Comparator<Placement> FITTING_FIRST =
      Comparator.comparing((Placement each) -> !each.fits()).thenComparing(ORDER);

  private List<Placement> placements(int ranks) {
    List<Placement> tried = new ArrayList<>();
    EngineConfig written = config(ranks);
    for (EngineConfig numbers : numbers(written)) {
      for (Sharding mode : modes(ranks)) {
        for (GradientReduction reduction : reductions(ranks, mode)) {
          for (Recompute level : Recompute.values()) {
            EngineConfig config =
                numbers
                    .withRecompute(level)
                    .withSharding(
                        numbers.sharding().withMode(mode).withGradientReduction(reduction));
            for (int tokens : sizes(ranks, false)) {
              tried.add(placement(config, tokens));
            }
          }
        }
      }
    }
    return tried;
  }

  /** As the recipe says, and with half the bytes. */
  private static List<EngineConfig> numbers(EngineConfig written) {
    AdamWConfig adamW = written.adamW();
    boolean smallest =
        written.computeDType() == DType.FLOAT32
            || adamW.states() == DType.BFLOAT16 && written.gradientDType() == DType.BFLOAT16;
    if (smallest) {
      return List.of(written);
    }
    return List.of(
        written,
        written
            .withAdamW(
                new AdamWConfig(
                    adamW.beta1(),
                    adamW.beta2(),
                    adamW.epsilon(),
                    adamW.weightDecay(),
                    DType.BFLOAT16))
            .withGradientDType(DType.BFLOAT16));
  }

  private List<Sharding> modes(int ranks) {
    if (ranks == 1) {
      return List.of(recipe.engine().sharding()); // without effect
    }
    List<Sharding> modes = new ArrayList<>(List.of(Sharding.FULL, Sharding.GRAD_OP, Sharding.NONE));
    if (machine.nodeSize(ranks) < ranks) {
      modes.add(Sharding.HYBRID);
    }
    return modes;
  }

  private List<GradientReduction> reductions(int ranks, Sharding mode) {
    return ranks == 1 || mode == Sharding.NONE
        ? List.of(recipe.engine().gradientReduction())
        : List.of(GradientReduction.values());
  }

  /**
   * Most tokens of a micro-batch. Samples that are not packed are as many as the recipe says; only
   * if all that is {@code open} go they through the model in smaller parts.
   */
  private List<Integer> sizes(int ranks, boolean open) {
    TrainingRecipe training = recipe.training();
    int longest = recipe.data().cutoffLen();
    boolean packed = training.packing() == Packing.BEST_FIT;
    if (!packed && !open) {
      return List.of(training.perDeviceTrainBatchSize() * longest);
    }
    long samples =
        packed
            ? (training.globalTrainBatchSize() + ranks - 1L) / ranks
            : training.perDeviceTrainBatchSize();
    TreeSet<Integer> sizes = new TreeSet<>();
    for (int multiple : MULTIPLES) {
      sizes.add((int) Math.min(multiple, samples) * longest);
    }
    return List.copyOf(sizes);
  }

  private EngineConfig config(int ranks) {
    int nodeSize = machine.nodeSize(ranks);
    if (ranks % nodeSize != 0) {
      throw new ConfigException(
          "%s ranks are no multiple of the %s of a node".formatted(ranks, nodeSize));
    }
    EngineRecipe engine = recipe.engine().withDevice(machine.device().device());
    return recipe
        .withEngine(engine)
        .engineConfig()
        .withDevice(machine.device())
        .withRanks(RankGroups.simulated(ranks, nodeSize));
  }

  private Placement placement(EngineConfig config, int maxTokens) {
    int ranks = config.ranks().worldSize();
    TrainingRecipe training = recipe.training();
    double samples = Math.ceil((double) training.globalTrainBatchSize() / ranks); // of the busiest
    double tokens = samples * lengths.mean();
    int microBatches =
        training.packing() == Packing.BEST_FIT
            ? (int) Math.ceil(tokens / (FILLED * maxTokens))
            : (int)
                Math.ceil(
                    Math.max(samples / training.perDeviceTrainBatchSize(), tokens / maxTokens));
    Packing.Limits limits = new Packing.Limits(maxTokens, training.perDeviceTrainBatchSize());
    long most =
        Math.min(
            recipe.control() == null
                ? batches.largestMicroBatch(ranks, training.packing(), limits)
                : maxTokens, // decisions put other samples together
            (long) training.globalTrainBatchSize() * recipe.data().cutoffLen());
    boolean rounds =
        config.adamW().states() != recipe.engine().optimizerStates()
            || config.gradientDType() != recipe.engine().gradientDtype();
    return new Placement(
        config,
        maxTokens,
        Math.max(1, microBatches),
        MemoryAccount.planned(
                model,
                config,
                most,
                (long) Math.ceil(most * lengths.labelShare()),
                evaluates() ? maxTokens : 0)
            .withKeptGradients(recipe.mixtureControl().keptGradientBytes(batches, model, config)),
        machine.memoryOf(ranks),
        step(config, tokens, Math.max(1, microBatches)),
        rounds);
  }

  private boolean evaluates() {
    return recipe.data().evalFraction() > 0
        || recipe.sources().values().stream().anyMatch(source -> !source.heldOut().isEmpty());
  }

  private StepPrediction step(EngineConfig config, double tokens, int microBatches) {
    int ranks = config.ranks().worldSize();
    Speed speed = machine.speedOf(ranks, config.sharding().mode());
    WorkSeconds work = StepWork.of(model, config, tokens, lengths).at(speed);
    double reading = microBatches * StepWork.bytesRead(model, config) / machine.bandwidthOf(ranks);
    WorkSeconds whole =
        new WorkSeconds(
            work.products() + reading,
            work.attention(),
            work.elementWise(),
            work.loss(),
            work.optimizer(),
            0,
            work.total() + reading);
    StepPrediction step =
        StepPrediction.of(model, config, whole, microBatches, speed.interconnect());
    if (speed.hidesCommunication()) {
      return step;
    }
    double all = step.computation() + step.communication();
    return new StepPrediction(
        all, step.computation(), 0, step.communication(), step.communication(), step.bytes());
  }

  private String whyNothingFits(int ranks, List<Placement> tried) {
    return fault(ranks, "", least(tried)) + "; " + nearest(ranks) + adapters(ranks);
  }

  /** Other settings may fit; the recipe's are not changed for it. */
  private String whyNoSizeFits(int ranks, Placement least) {
    List<Placement> tried = placements(ranks);
    return best(tried)
        .map(
            fits ->
                fault(ranks, " with max_tokens_per_micro_batch=auto", least)
                    + "; it fits with "
                    + PlacementText.settings(fits))
        .orElseGet(() -> whyNothingFits(ranks, tried));
  }

  private String fault(int ranks, String how, Placement least) {
    return Units.format(
        "%s does not fit %s%s: the least that a rank needs is %s (%s), it has %s",
        recipe.name(),
        machines(ranks),
        how,
        Units.bytes(least.memory().total()),
        PlacementText.settings(least),
        Units.bytes(Math.max(0, least.available())));
  }

  /** Adapters that fit where the recipe does not. */
  private String adapters(int ranks) {
    StringBuilder text = new StringBuilder();
    if (recipe.adapter() == null && isTiny()) {
      return "";
    }
    for (WayPlan plan : ways(ranks)) {
      boolean holdsLess = plan.way().ordinal() > TrainingWay.of(recipe).ordinal();
      if (holdsLess && plan.placement().fits()) {
        text.append(
            Units.format(
                "; %s fits %s with %s: %s of %s, %,.0f tokens/s",
                plan.way().text(),
                machines(ranks),
                plan.words(),
                Units.bytes(plan.placement().memory().total()),
                Units.bytes(plan.placement().available()),
                plan.tokensPerSecond()));
      }
    }
    return text.toString();
  }

  /** Whether its matrices are too small for an adapter that a recipe does not describe. */
  private boolean isTiny() {
    return !AdapterShapes.faults(model, AdapterRecipe.defaults().config(0)).isEmpty();
  }

  private String machines(int ranks) {
    return machine.device().isCuda()
        ? "%s x %s".formatted(ranks, machine.name())
        : ranks == 1 ? "this machine" : "%s ranks on this machine".formatted(ranks);
  }

  /** More GPUs; or the GPU that one rank fits on. */
  private String nearest(int ranks) {
    int step = machine.nodeSize(MOST_RANKS);
    for (int more = ranks + 1; machine.device().isCuda() && more <= MOST_RANKS; more++) {
      if (more > step && more % step != 0) {
        continue;
      }
      Optional<Placement> fits = best(placements(more));
      if (fits.isPresent()) {
        return "it fits %s (%s)".formatted(machines(more), PlacementText.settings(fits.get()));
      }
    }
    for (GpuKind gpu : GpuKind.values()) {
      Machine other = Machine.gpus(gpu, recipe.engine().dtype(), 8);
      Optional<Placement> fits =
          gpu.memoryBytes() <= machine.memory()
              ? Optional.empty()
              : best(new RunPlanner(recipe, batches, model, lengths, other).placements(ranks));
      if (fits.isPresent()) {
        return "it fits %s x %s (%s)"
            .formatted(ranks, gpu.text(), PlacementText.settings(fits.get()));
      }
    }
    return "no number of them and no other known GPU in as many fits";
  }
}
