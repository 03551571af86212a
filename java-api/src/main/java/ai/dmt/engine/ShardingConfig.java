package ai.dmt.engine;

import ai.dmt.config.Faults;

/**
 * How a run of several ranks divides its memory. Without effect on one rank.
 *
 * @param mode what is cut
 * @param reduceDType in which gradients travel; sums are float32 with either
 * @param gradientReduction when gradients travel
 */
public record ShardingConfig(
    Sharding mode, DType reduceDType, GradientReduction gradientReduction) {
  /** Checks that all are there. */
  public ShardingConfig {
    new Faults("sharding")
        .present("mode", mode)
        .present("reduceDType", reduceDType)
        .present("gradientReduction", gradientReduction)
        .throwIfAny();
  }

  /** Everything is cut, gradients travel in float32 with each micro-batch. */
  public static ShardingConfig defaults() {
    return new ShardingConfig(Sharding.FULL, DType.FLOAT32, GradientReduction.MICRO_BATCH);
  }

  /** A copy with another {@link #mode()}. */
  public ShardingConfig withMode(Sharding sharding) {
    return new ShardingConfig(sharding, reduceDType, gradientReduction);
  }

  /** A copy with another {@link #reduceDType()}. */
  public ShardingConfig withReduceDType(DType type) {
    return new ShardingConfig(mode, type, gradientReduction);
  }

  /** A copy with another {@link #gradientReduction()}. */
  public ShardingConfig withGradientReduction(GradientReduction reduction) {
    return new ShardingConfig(mode, reduceDType, reduction);
  }
}
