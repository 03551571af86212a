package ai.dmt.engine;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.internal.text.Faults;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an engine computes.
 *
 * @param device what it computes on
 * @param computeDType type of weights and activations in matrix products
 * @param gradientDType in which gradients are added up. BFLOAT16, where the engine computes in it,
 *     halves their memory, and rounds after each micro-batch
 * @param recompute what the backward pass computes again to save memory
 * @param trainable false keeps no gradients and no optimizer state; accumulate and apply then throw
 * @param adamW settings of the optimizer
 * @param maxGradientNorm global 2-norm to clip at; 0 switches clipping off
 * @param sources names that losses are reported for, in the order of a micro-batch's source numbers
 * @param lossChunkTokens label positions whose logits exist at the same time
 * @param threads CPU threads of this engine, whatever other engines have; 0 takes one per core
 *     (OMP_NUM_THREADS if it is set)
 * @param adapter that stands beside the model's weights; it alone is trained, saved and restored.
 *     Empty for none
 * @param baseWeights how weights are kept that are not trained
 * @param sharding how ranks divide the memory of a run
 * @param ranks this engine's place among them
 */
public record EngineConfig(
    DeviceConfig device,
    DType computeDType,
    DType gradientDType,
    Recompute recompute,
    boolean trainable,
    AdamWConfig adamW,
    double maxGradientNorm,
    List<String> sources,
    int lossChunkTokens,
    int threads,
    Optional<AdapterConfig> adapter,
    BaseWeights baseWeights,
    ShardingConfig sharding,
    RankGroups ranks) {

  /**
   * Checks ranges and that there is a source and no name twice.
   *
   * @param device not null
   * @param computeDType not null
   * @param gradientDType BFLOAT16 only if {@code computeDType} is
   * @param recompute not null
   * @param trainable true for an engine that makes steps
   * @param adamW states in BFLOAT16 only if {@code computeDType} is
   * @param maxGradientNorm finite, at least 0
   * @param sources at least one, all different; copied
   * @param lossChunkTokens at least 1
   * @param threads from 0 to 64, or to 4 per core if that is more
   * @param adapter not null
   * @param baseWeights other than COMPUTE only with an adapter, or not trainable
   * @param sharding not null
   * @param ranks not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig {
    new Faults("engine")
        .present("device", device)
        .present("computeDType", computeDType)
        .present("gradientDType", gradientDType)
        .require(
            gradientDType != DType.BFLOAT16 || computeDType == DType.BFLOAT16,
            "gradients in bfloat16 need dtype bfloat16, got " + text(computeDType))
        .present("recompute", recompute)
        .present("adamW", adamW)
        .require(
            adamW == null || adamW.states() == DType.FLOAT32 || computeDType == DType.BFLOAT16,
            "optimizer states in bfloat16 need dtype bfloat16, got " + text(computeDType))
        .notNegative("maxGradientNorm", maxGradientNorm)
        .require(sources != null && !sources.isEmpty(), "sources must name at least one source")
        .require(
            sources == null || new HashSet<>(sources).size() == sources.size(),
            "sources must have different names, got " + sources)
        .positive("lossChunkTokens", lossChunkTokens)
        .notNegative("threads", threads)
        .require(
            threads <= mostThreads(),
            "threads must be at most %s, got %s".formatted(mostThreads(), threads))
        .present("adapter", adapter)
        .present("baseWeights", baseWeights)
        .require(
            baseWeights == null
                || baseWeights == BaseWeights.COMPUTE
                || !trainable
                || adapter == null
                || adapter.isPresent(),
            "base weights in %s need an adapter: all weights are trained without one"
                .formatted(baseWeights == null ? null : baseWeights.text()))
        .present("sharding", sharding)
        .present("ranks", ranks)
        .throwIfAny();
    sources = List.copyOf(sources);
  }

  /** The engine's own limit, which it can be asked for only once it is loaded. */
  private static int mostThreads() {
    return Math.max(64, 4 * Runtime.getRuntime().availableProcessors());
  }

  /**
   * {@return settings for training in float32 on the CPU, on one rank with one source named "data",
   * clipping at 1, no recomputation}
   */
  public static EngineConfig defaults() {
    return new EngineConfig(
        DeviceConfig.CPU,
        DType.FLOAT32,
        DType.FLOAT32,
        Recompute.NONE,
        true,
        AdamWConfig.defaults(),
        1.0,
        List.of("data"),
        1024,
        0,
        Optional.empty(),
        BaseWeights.COMPUTE,
        ShardingConfig.defaults(),
        RankGroups.ALONE);
  }

  /** {@return settings as {@link #defaults()}, without gradients and optimizer state} */
  public static EngineConfig inference() {
    return defaults().with(values -> values.trainable = false);
  }

  /**
   * {@return a copy with another {@link #device()}}
   *
   * @param config not null
   */
  public EngineConfig withDevice(DeviceConfig config) {
    return with(values -> values.device = config);
  }

  /**
   * {@return a copy with another {@link #computeDType()}}
   *
   * @param type FLOAT32 only if neither gradients nor optimizer states are in BFLOAT16
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withComputeDType(DType type) {
    return with(values -> values.computeDType = type);
  }

  /**
   * {@return a copy with another {@link #gradientDType()}}
   *
   * @param type BFLOAT16 only if the {@link #computeDType()} is
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withGradientDType(DType type) {
    return with(values -> values.gradientDType = type);
  }

  /**
   * {@return a copy with another {@link #recompute()}}
   *
   * @param level from NONE, which is fastest, to FULL, which takes least memory
   */
  public EngineConfig withRecompute(Recompute level) {
    return with(values -> values.recompute = level);
  }

  /**
   * {@return a copy with another {@link #adamW()}}
   *
   * @param settings with states in BFLOAT16 only if the {@link #computeDType()} is
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withAdamW(AdamWConfig settings) {
    return with(values -> values.adamW = settings);
  }

  /**
   * {@return a copy with another {@link #maxGradientNorm()}}
   *
   * @param norm finite, at least 0; 0 switches clipping off
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withMaxGradientNorm(double norm) {
    return with(values -> values.maxGradientNorm = norm);
  }

  /**
   * {@return a copy with other {@link #sources()}}
   *
   * @param names at least one, all different; copied
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withSources(List<String> names) {
    return with(values -> values.sources = names);
  }

  /**
   * {@return a copy with another {@link #lossChunkTokens()}}
   *
   * @param tokens at least 1; fewer take less memory
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withLossChunkTokens(int tokens) {
    return with(values -> values.lossChunkTokens = tokens);
  }

  /**
   * {@return a copy with another {@link #threads()}}
   *
   * @param count from 1; 0 for one per core
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withThreads(int count) {
    return with(values -> values.threads = count);
  }

  /**
   * {@return a copy with an {@link #adapter()}}
   *
   * @param config of the adapter, which alone is trained
   */
  public EngineConfig withAdapter(AdapterConfig config) {
    return with(values -> values.adapter = Optional.of(config));
  }

  /**
   * {@return a copy without an {@link #adapter()}}
   *
   * @throws ai.dmt.config.ConfigException if the engine is trainable, and its base weights are
   *     quantised
   */
  public EngineConfig withoutAdapter() {
    return with(values -> values.adapter = Optional.empty());
  }

  /**
   * {@return a copy with other {@link #baseWeights()}}
   *
   * @param weights other than COMPUTE only with an adapter, or not trainable
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public EngineConfig withBaseWeights(BaseWeights weights) {
    return with(values -> values.baseWeights = weights);
  }

  /**
   * {@return a copy with another {@link #sharding()}}
   *
   * @param config without effect on one rank
   */
  public EngineConfig withSharding(ShardingConfig config) {
    return with(values -> values.sharding = config);
  }

  /**
   * {@return a copy with other {@link #ranks()}}
   *
   * @param groups made by {@link ai.dmt.dist.ProcessGroups}, or {@link RankGroups#ALONE}
   */
  public EngineConfig withRanks(RankGroups groups) {
    return with(values -> values.ranks = groups);
  }

  private EngineConfig with(Consumer<Values> change) {
    Values values = new Values(this);
    change.accept(values);
    return values.config();
  }

  /** The components of a copy before it is made. */
  private static final class Values {
    private DeviceConfig device;
    private DType computeDType;
    private DType gradientDType;
    private Recompute recompute;
    private boolean trainable;
    private AdamWConfig adamW;
    private double maxGradientNorm;
    private List<String> sources;
    private int lossChunkTokens;
    private int threads;
    private Optional<AdapterConfig> adapter;
    private BaseWeights baseWeights;
    private ShardingConfig sharding;
    private RankGroups ranks;

    private Values(EngineConfig config) {
      device = config.device;
      computeDType = config.computeDType;
      gradientDType = config.gradientDType;
      recompute = config.recompute;
      trainable = config.trainable;
      adamW = config.adamW;
      maxGradientNorm = config.maxGradientNorm;
      sources = config.sources;
      lossChunkTokens = config.lossChunkTokens;
      threads = config.threads;
      adapter = config.adapter;
      baseWeights = config.baseWeights;
      sharding = config.sharding;
      ranks = config.ranks;
    }

    private EngineConfig config() {
      return new EngineConfig(
          device,
          computeDType,
          gradientDType,
          recompute,
          trainable,
          adamW,
          maxGradientNorm,
          sources,
          lossChunkTokens,
          threads,
          adapter,
          baseWeights,
          sharding,
          ranks);
    }
  }

  private static @Nullable String text(@Nullable DType type) {
    return type == null ? null : type.text();
  }
}
