package ai.dmt.engine;

import ai.dmt.config.Faults;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

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
    ShardingConfig sharding,
    RankGroups ranks) {

  /** Checks ranges and that there is a source and no name twice. */
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
   * Training in float32 on the CPU, on one rank with one source named "data", clipping at 1, no
   * recomputation.
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
        ShardingConfig.defaults(),
        RankGroups.ALONE);
  }

  /** As {@link #defaults()}, without gradients and optimizer state. */
  public static EngineConfig inference() {
    return defaults().with(values -> values.trainable = false);
  }

  /** A copy with another {@link #device()}. */
  public EngineConfig withDevice(DeviceConfig config) {
    return with(values -> values.device = config);
  }

  /** A copy with another {@link #computeDType()}. */
  public EngineConfig withComputeDType(DType type) {
    return with(values -> values.computeDType = type);
  }

  /** A copy with another {@link #gradientDType()}. */
  public EngineConfig withGradientDType(DType type) {
    return with(values -> values.gradientDType = type);
  }

  /** A copy with another {@link #recompute()}. */
  public EngineConfig withRecompute(Recompute level) {
    return with(values -> values.recompute = level);
  }

  /** A copy with another {@link #adamW()}. */
  public EngineConfig withAdamW(AdamWConfig settings) {
    return with(values -> values.adamW = settings);
  }

  /** A copy with another {@link #maxGradientNorm()}. */
  public EngineConfig withMaxGradientNorm(double norm) {
    return with(values -> values.maxGradientNorm = norm);
  }

  /** A copy with other {@link #sources()}. */
  public EngineConfig withSources(List<String> names) {
    return with(values -> values.sources = names);
  }

  /** A copy with another {@link #lossChunkTokens()}. */
  public EngineConfig withLossChunkTokens(int tokens) {
    return with(values -> values.lossChunkTokens = tokens);
  }

  /** A copy with another {@link #threads()}. */
  public EngineConfig withThreads(int count) {
    return with(values -> values.threads = count);
  }

  /** A copy with another {@link #sharding()}. */
  public EngineConfig withSharding(ShardingConfig config) {
    return with(values -> values.sharding = config);
  }

  /** A copy with other {@link #ranks()}. */
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
          sharding,
          ranks);
    }
  }

  private static String text(DType type) {
    return type == null ? null : type.text();
  }
}
