package ai.dmt.recipe;

import ai.dmt.config.Faults;
import ai.dmt.engine.AdamWConfig;
import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.ShardingConfig;
import java.util.List;

/** How the engine computes. */
public record EngineRecipe(
    @Doc("Type of weights and activations in matrix products") DType dtype,
    @Doc("Type of the weights in the output; empty for dtype") @MayBeAbsent DType saveDtype,
    @Doc("What the backward pass computes again to save memory") Recompute recompute,
    @Doc("Type of moments; bfloat16, with that dtype: no master weights, stochastic rounding")
        DType optimizerStates,
    @Doc("Decay of the first moment") double adamBeta1,
    @Doc("Decay of the second moment") double adamBeta2,
    @Doc("Added to the root of the second moment") double adamEpsilon,
    @Doc("Decoupled weight decay") double weightDecay,
    @Doc("Global norm to clip at; 0 for no clipping") double maxGradNorm,
    @Doc("Label positions whose logits exist at the same time") int lossChunkTokens,
    @Doc("CPU threads; 0 for one per core") int threads,
    @Doc("What ranks cut into slices; without effect on one") Sharding sharding,
    @Doc("Type in which gradients travel between ranks") DType reduceDtype,
    @Doc("When gradients travel") GradientReduction gradientReduction,
    @Doc("What engines compute on; cuda needs a GPU of NVIDIA's") Device device,
    @Doc("Number of the GPU, from 0; -1 for the rank's number on its node") int deviceIndex,
    @Doc("Type in which gradients are added up; bfloat16 with that dtype only")
        DType gradientDtype) {
  /** Checks that types are there; the engine's configuration checks the rest. */
  public EngineRecipe {
    new Faults("engine")
        .present("dtype", dtype)
        .present("recompute", recompute)
        .present("device", device)
        .present("gradientDtype", gradientDtype)
        .throwIfAny();
    new DeviceConfig(device, deviceIndex);
    new ShardingConfig(sharding, reduceDtype, gradientReduction);
    AdamWConfig adamW =
        new AdamWConfig(adamBeta1, adamBeta2, adamEpsilon, weightDecay, optimizerStates);
    config(adamW, dtype, recompute)
        .withGradientDType(gradientDtype)
        .withMaxGradientNorm(maxGradNorm)
        .withLossChunkTokens(lossChunkTokens)
        .withThreads(threads);
  }

  /** Those of {@link EngineConfig#defaults()}. */
  public static EngineRecipe defaults() {
    EngineConfig base = EngineConfig.defaults();
    return new EngineRecipe(
        base.computeDType(),
        null,
        base.recompute(),
        base.adamW().states(),
        base.adamW().beta1(),
        base.adamW().beta2(),
        base.adamW().epsilon(),
        base.adamW().weightDecay(),
        base.maxGradientNorm(),
        base.lossChunkTokens(),
        base.threads(),
        base.sharding().mode(),
        base.sharding().reduceDType(),
        base.sharding().gradientReduction(),
        base.device().device(),
        base.device().index(),
        base.gradientDType());
  }

  /** The engine's configuration. @param sources names in the order of the recipe */
  public EngineConfig engineConfig(List<String> sources) {
    AdamWConfig adamW =
        new AdamWConfig(adamBeta1, adamBeta2, adamEpsilon, weightDecay, optimizerStates);
    return config(adamW, dtype, recompute)
        .withDevice(new DeviceConfig(device, deviceIndex))
        .withGradientDType(gradientDtype)
        .withMaxGradientNorm(maxGradNorm)
        .withLossChunkTokens(lossChunkTokens)
        .withThreads(threads)
        .withSources(sources)
        .withSharding(new ShardingConfig(sharding, reduceDtype, gradientReduction));
  }

  private static EngineConfig config(AdamWConfig adamW, DType dtype, Recompute recompute) {
    return EngineConfig.defaults()
        .withComputeDType(dtype)
        .withRecompute(recompute)
        .withAdamW(adamW);
  }

  /** A copy with another {@link #dtype()}. */
  public EngineRecipe withDtype(DType value) {
    return RecordCopy.with(this, "dtype", value);
  }

  /** A copy with another {@link #saveDtype()}. */
  public EngineRecipe withSaveDtype(DType value) {
    return RecordCopy.with(this, "saveDtype", value);
  }

  /** A copy with another {@link #recompute()}. */
  public EngineRecipe withRecompute(Recompute value) {
    return RecordCopy.with(this, "recompute", value);
  }

  /** A copy with another {@link #optimizerStates()}. */
  public EngineRecipe withOptimizerStates(DType value) {
    return RecordCopy.with(this, "optimizerStates", value);
  }

  /** A copy with another {@link #adamBeta1()}. */
  public EngineRecipe withAdamBeta1(double value) {
    return RecordCopy.with(this, "adamBeta1", value);
  }

  /** A copy with another {@link #adamBeta2()}. */
  public EngineRecipe withAdamBeta2(double value) {
    return RecordCopy.with(this, "adamBeta2", value);
  }

  /** A copy with another {@link #adamEpsilon()}. */
  public EngineRecipe withAdamEpsilon(double value) {
    return RecordCopy.with(this, "adamEpsilon", value);
  }

  /** A copy with another {@link #weightDecay()}. */
  public EngineRecipe withWeightDecay(double value) {
    return RecordCopy.with(this, "weightDecay", value);
  }

  /** A copy with another {@link #maxGradNorm()}. */
  public EngineRecipe withMaxGradNorm(double value) {
    return RecordCopy.with(this, "maxGradNorm", value);
  }

  /** A copy with another {@link #lossChunkTokens()}. */
  public EngineRecipe withLossChunkTokens(int value) {
    return RecordCopy.with(this, "lossChunkTokens", value);
  }

  /** A copy with another {@link #threads()}. */
  public EngineRecipe withThreads(int value) {
    return RecordCopy.with(this, "threads", value);
  }

  /** A copy with another {@link #sharding()}. */
  public EngineRecipe withSharding(Sharding value) {
    return RecordCopy.with(this, "sharding", value);
  }

  /** A copy with another {@link #reduceDtype()}. */
  public EngineRecipe withReduceDtype(DType value) {
    return RecordCopy.with(this, "reduceDtype", value);
  }

  /** A copy with another {@link #gradientReduction()}. */
  public EngineRecipe withGradientReduction(GradientReduction value) {
    return RecordCopy.with(this, "gradientReduction", value);
  }

  /** A copy with another {@link #device()}. */
  public EngineRecipe withDevice(Device value) {
    return RecordCopy.with(this, "device", value);
  }

  /** A copy with another {@link #deviceIndex()}. */
  public EngineRecipe withDeviceIndex(int value) {
    return RecordCopy.with(this, "deviceIndex", value);
  }

  /** A copy with another {@link #gradientDtype()}. */
  public EngineRecipe withGradientDtype(DType value) {
    return RecordCopy.with(this, "gradientDtype", value);
  }
}
