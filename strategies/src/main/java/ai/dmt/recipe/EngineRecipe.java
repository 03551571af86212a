package ai.dmt.recipe;

import ai.dmt.engine.AdamWConfig;
import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.ReduceCollective;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.ShardingConfig;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the engine computes.
 *
 * @param dtype type of weights and activations in matrix products
 * @param saveDtype type of the weights in the output; null for dtype
 * @param recompute what the backward pass computes again to save memory
 * @param optimizerStates type of moments; bfloat16, with that dtype: no master weights, stochastic
 *     rounding
 * @param adamBeta1 decay of the first moment, in [0, 1)
 * @param adamBeta2 decay of the second moment, in [0, 1)
 * @param adamEpsilon added to the root of the second moment; above 0
 * @param weightDecay decoupled weight decay; 0 or more
 * @param maxGradNorm global norm to clip at, 0 or more; 0 for no clipping
 * @param lossChunkTokens label positions whose logits exist at the same time; at least 1
 * @param threads CPU threads, 0 or more; 0 for one per core
 * @param sharding what ranks cut into slices; without effect on one
 * @param reduceDtype type in which gradients travel between ranks; null for bfloat16 on GPUs that
 *     compute in it, else float32
 * @param gradientReduction when gradients travel
 * @param reduceCollective who adds gradients up: the ranks that own them, in float32, or the
 *     backend on their way, in the type in which they travel
 * @param device what engines compute on; cuda needs a GPU of NVIDIA's
 * @param deviceIndex number of the GPU, from 0; -1 for the rank's number on its node
 * @param gradientDtype type in which gradients are added up; bfloat16 with that dtype only
 */
public record EngineRecipe(
    @Doc("Type of weights and activations in matrix products") DType dtype,
    @Doc("Type of the weights in the output; empty for dtype") @MayBeAbsent
        @Nullable DType saveDtype,
    @Doc("What the backward pass computes again to save memory") Recompute recompute,
    @Doc("Type of moments; bfloat16, with that dtype: no master weights, stochastic rounding")
        DType optimizerStates,
    @Doc("Decay of the first moment") @Range("[0, 1)") double adamBeta1,
    @Doc("Decay of the second moment") @Range("[0, 1)") double adamBeta2,
    @Doc("Added to the root of the second moment") @Range("(0, inf)") double adamEpsilon,
    @Doc("Decoupled weight decay") @Range("[0, inf)") double weightDecay,
    @Doc("Global norm to clip at; 0 for no clipping") @Range("[0, inf)") double maxGradNorm,
    @Doc("Label positions whose logits exist at the same time") @Range("[1, inf)")
        int lossChunkTokens,
    @Doc("CPU threads; 0 for one per core") @Range("[0, inf)") int threads,
    @Doc("What ranks cut into slices; without effect on one") Sharding sharding,
    @Doc("Type in which gradients travel between ranks; empty: bfloat16 on GPUs that compute in it")
        @MayBeAbsent
        @Nullable DType reduceDtype,
    @Doc("When gradients travel") GradientReduction gradientReduction,
    @Doc("Who adds gradients up: owners in float32, or the backend as they travel")
        ReduceCollective reduceCollective,
    @Doc("What engines compute on; cuda needs a GPU of NVIDIA's") Device device,
    @Doc("Number of the GPU, from 0; -1 for the rank's number on its node") @Range("[-1, inf)")
        int deviceIndex,
    @Doc("Type in which gradients are added up; bfloat16 with that dtype only")
        DType gradientDtype) {
  /**
   * Checks that types are there; the engine's configuration checks the rest.
   *
   * @param dtype type of weights and activations in matrix products
   * @param saveDtype type of the weights in the output; null for dtype
   * @param recompute what the backward pass computes again to save memory
   * @param optimizerStates type of moments; bfloat16, with that dtype: no master weights,
   *     stochastic rounding
   * @param adamBeta1 decay of the first moment, in [0, 1)
   * @param adamBeta2 decay of the second moment, in [0, 1)
   * @param adamEpsilon added to the root of the second moment; above 0
   * @param weightDecay decoupled weight decay; 0 or more
   * @param maxGradNorm global norm to clip at, 0 or more; 0 for no clipping
   * @param lossChunkTokens label positions whose logits exist at the same time; at least 1
   * @param threads CPU threads, 0 or more; 0 for one per core
   * @param sharding what ranks cut into slices; without effect on one
   * @param reduceDtype type in which gradients travel between ranks; null for bfloat16 on GPUs that
   *     compute in it, else float32
   * @param gradientReduction when gradients travel
   * @param reduceCollective who adds gradients up: the ranks that own them, in float32, or the
   *     backend on their way, in the type in which they travel
   * @param device what engines compute on; cuda needs a GPU of NVIDIA's
   * @param deviceIndex number of the GPU, from 0; -1 for the rank's number on its node
   * @param gradientDtype type in which gradients are added up; bfloat16 with that dtype only
   */
  public EngineRecipe {
    new Faults("engine")
        .present("dtype", dtype)
        .present("recompute", recompute)
        .present("device", device)
        .present("gradientDtype", gradientDtype)
        .throwIfAny();
    new DeviceConfig(device, deviceIndex);
    sharding(device, dtype, sharding, reduceDtype, gradientReduction, reduceCollective);
    AdamWConfig adamW =
        new AdamWConfig(adamBeta1, adamBeta2, adamEpsilon, weightDecay, optimizerStates);
    config(adamW, dtype, recompute)
        .withGradientDType(gradientDtype)
        .withMaxGradientNorm(maxGradNorm)
        .withLossChunkTokens(lossChunkTokens)
        .withThreads(threads);
  }

  /** {@return the settings of {@link EngineConfig#defaults()}} */
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
        null,
        base.sharding().gradientReduction(),
        base.sharding().reduceCollective(),
        base.device().device(),
        base.device().index(),
        base.gradientDType());
  }

  /**
   * {@return the engine's configuration, for one process; a run puts in the ranks}
   *
   * @param sources names in the order of the recipe
   */
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
        .withSharding(
            sharding(device, dtype, sharding, reduceDtype, gradientReduction, reduceCollective));
  }

  private static ShardingConfig sharding(
      Device device,
      DType dtype,
      Sharding mode,
      @Nullable DType travelling,
      GradientReduction reduction,
      ReduceCollective collective) {
    return new ShardingConfig(
        mode,
        travelling == null ? ShardingConfig.reduceDTypeFor(device, dtype) : travelling,
        reduction,
        collective);
  }

  private static EngineConfig config(AdamWConfig adamW, DType dtype, Recompute recompute) {
    return EngineConfig.defaults()
        .withComputeDType(dtype)
        .withRecompute(recompute)
        .withAdamW(adamW);
  }

  /**
   * {@return a copy with another {@link #dtype()}}
   *
   * @param value type of weights and activations in matrix products
   */
  public EngineRecipe withDtype(DType value) {
    return RecordCopy.with(this, "dtype", value);
  }

  /**
   * {@return a copy with another {@link #saveDtype()}}
   *
   * @param value type of the weights in the output; null for dtype
   */
  public EngineRecipe withSaveDtype(@Nullable DType value) {
    return RecordCopy.with(this, "saveDtype", value);
  }

  /**
   * {@return a copy with another {@link #recompute()}}
   *
   * @param value what the backward pass computes again to save memory
   */
  public EngineRecipe withRecompute(Recompute value) {
    return RecordCopy.with(this, "recompute", value);
  }

  /**
   * {@return a copy with another {@link #optimizerStates()}}
   *
   * @param value type of moments; bfloat16, with that dtype: no master weights, stochastic rounding
   */
  public EngineRecipe withOptimizerStates(DType value) {
    return RecordCopy.with(this, "optimizerStates", value);
  }

  /**
   * {@return a copy with another {@link #adamBeta1()}}
   *
   * @param value decay of the first moment, in [0, 1)
   */
  public EngineRecipe withAdamBeta1(double value) {
    return RecordCopy.with(this, "adamBeta1", value);
  }

  /**
   * {@return a copy with another {@link #adamBeta2()}}
   *
   * @param value decay of the second moment, in [0, 1)
   */
  public EngineRecipe withAdamBeta2(double value) {
    return RecordCopy.with(this, "adamBeta2", value);
  }

  /**
   * {@return a copy with another {@link #adamEpsilon()}}
   *
   * @param value added to the root of the second moment; above 0
   */
  public EngineRecipe withAdamEpsilon(double value) {
    return RecordCopy.with(this, "adamEpsilon", value);
  }

  /**
   * {@return a copy with another {@link #weightDecay()}}
   *
   * @param value decoupled weight decay; 0 or more
   */
  public EngineRecipe withWeightDecay(double value) {
    return RecordCopy.with(this, "weightDecay", value);
  }

  /**
   * {@return a copy with another {@link #maxGradNorm()}}
   *
   * @param value global norm to clip at, 0 or more; 0 for no clipping
   */
  public EngineRecipe withMaxGradNorm(double value) {
    return RecordCopy.with(this, "maxGradNorm", value);
  }

  /**
   * {@return a copy with another {@link #lossChunkTokens()}}
   *
   * @param value label positions whose logits exist at the same time; at least 1
   */
  public EngineRecipe withLossChunkTokens(int value) {
    return RecordCopy.with(this, "lossChunkTokens", value);
  }

  /**
   * {@return a copy with another {@link #threads()}}
   *
   * @param value CPU threads, 0 or more; 0 for one per core
   */
  public EngineRecipe withThreads(int value) {
    return RecordCopy.with(this, "threads", value);
  }

  /**
   * {@return a copy with another {@link #sharding()}}
   *
   * @param value what ranks cut into slices; without effect on one
   */
  public EngineRecipe withSharding(Sharding value) {
    return RecordCopy.with(this, "sharding", value);
  }

  /**
   * {@return a copy with another {@link #reduceDtype()}}
   *
   * @param value type in which gradients travel between ranks
   */
  public EngineRecipe withReduceDtype(@Nullable DType value) {
    return RecordCopy.with(this, "reduceDtype", value);
  }

  /**
   * {@return a copy with another {@link #gradientReduction()}}
   *
   * @param value when gradients travel
   */
  public EngineRecipe withGradientReduction(GradientReduction value) {
    return RecordCopy.with(this, "gradientReduction", value);
  }

  /**
   * {@return a copy with another {@link #reduceCollective()}}
   *
   * @param value who adds gradients up
   */
  public EngineRecipe withReduceCollective(ReduceCollective value) {
    return RecordCopy.with(this, "reduceCollective", value);
  }

  /**
   * {@return a copy with another {@link #device()}}
   *
   * @param value what engines compute on; cuda needs a GPU of NVIDIA's
   */
  public EngineRecipe withDevice(Device value) {
    return RecordCopy.with(this, "device", value);
  }

  /**
   * {@return a copy with another {@link #deviceIndex()}}
   *
   * @param value number of the GPU, from 0; -1 for the rank's number on its node
   */
  public EngineRecipe withDeviceIndex(int value) {
    return RecordCopy.with(this, "deviceIndex", value);
  }

  /**
   * {@return a copy with another {@link #gradientDtype()}}
   *
   * @param value type in which gradients are added up; bfloat16 with that dtype only
   */
  public EngineRecipe withGradientDtype(DType value) {
    return RecordCopy.with(this, "gradientDtype", value);
  }
}
