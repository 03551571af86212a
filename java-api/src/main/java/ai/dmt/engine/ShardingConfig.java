package ai.dmt.engine;

import ai.dmt.internal.text.Faults;

/**
 * How a run of several ranks divides its memory. Without effect on one rank.
 *
 * @param mode what is cut
 * @param reduceDType in which gradients travel
 * @param gradientReduction when gradients travel
 * @param reduceCollective who adds them up: with ALL_TO_ALL sums are float32 whatever travels
 */
public record ShardingConfig(
    Sharding mode,
    DType reduceDType,
    GradientReduction gradientReduction,
    ReduceCollective reduceCollective) {
  /**
   * Checks that all are there.
   *
   * @param mode not null
   * @param reduceDType not null
   * @param gradientReduction not null
   * @param reduceCollective not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ShardingConfig {
    new Faults("sharding")
        .present("mode", mode)
        .present("reduceDType", reduceDType)
        .present("gradientReduction", gradientReduction)
        .present("reduceCollective", reduceCollective)
        .throwIfAny();
  }

  /**
   * {@return the settings that cut everything, with gradients that travel in float32 with each
   * micro-batch, and are added up by the ranks that own them}
   */
  public static ShardingConfig defaults() {
    return new ShardingConfig(
        Sharding.FULL, DType.FLOAT32, GradientReduction.MICRO_BATCH, ReduceCollective.ALL_TO_ALL);
  }

  /**
   * {@return the type in which gradients travel unless somebody says otherwise: BFLOAT16 on GPUs
   * that compute in it, which halves what travels; docs/gpu.md has what that costs in loss}
   *
   * @param device what the engine computes on
   * @param computeDType in which it does
   */
  public static DType reduceDTypeFor(Device device, DType computeDType) {
    return device == Device.CUDA && computeDType == DType.BFLOAT16 ? DType.BFLOAT16 : DType.FLOAT32;
  }

  /**
   * {@return a copy with another {@link #mode()}}
   *
   * @param sharding from FULL, which takes least memory, to NONE, which cuts nothing
   */
  public ShardingConfig withMode(Sharding sharding) {
    return new ShardingConfig(sharding, reduceDType, gradientReduction, reduceCollective);
  }

  /**
   * {@return a copy with another {@link #reduceDType()}}
   *
   * @param type BFLOAT16 halves what travels
   */
  public ShardingConfig withReduceDType(DType type) {
    return new ShardingConfig(mode, type, gradientReduction, reduceCollective);
  }

  /**
   * {@return a copy with another {@link #gradientReduction()}}
   *
   * @param reduction STEP sends less, MICRO_BATCH takes less memory
   */
  public ShardingConfig withGradientReduction(GradientReduction reduction) {
    return new ShardingConfig(mode, reduceDType, reduction, reduceCollective);
  }

  /**
   * {@return a copy with another {@link #reduceCollective()}}
   *
   * @param collective REDUCE_SCATTER takes less memory, ALL_TO_ALL rounds less
   */
  public ShardingConfig withReduceCollective(ReduceCollective collective) {
    return new ShardingConfig(mode, reduceDType, gradientReduction, collective);
  }
}
