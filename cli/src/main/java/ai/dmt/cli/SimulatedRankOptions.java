package ai.dmt.cli;

import ai.dmt.engine.AdamWConfig;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.RankGroups;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.ShardingConfig;
import ai.dmt.internal.text.Faults;
import picocli.CommandLine.Option;

/** Rank 0 of a run whose other ranks do not exist, and what it keeps. */
final class SimulatedRankOptions {
  private static final int MOST_RANKS = 1 << 16;

  @Option(
      names = "--simulate-world",
      defaultValue = "1",
      paramLabel = "N",
      description = "Ranks of the run (default: ${DEFAULT-VALUE}).")
  private int worldSize;

  @Option(
      names = "--node-size",
      defaultValue = "1",
      paramLabel = "N",
      description = "Ranks per node, for sharding hybrid (default: ${DEFAULT-VALUE}).")
  private int nodeSize;

  @Option(
      names = "--sharding",
      defaultValue = "full",
      paramLabel = "MODE",
      description = "full, grad_op, hybrid or none (default: ${DEFAULT-VALUE}).")
  private String sharding;

  @Option(
      names = "--reduce-dtype",
      paramLabel = "TYPE",
      description =
          "In which gradients travel (default: bfloat16 on GPUs that compute in it, else float32).")
  private String reduceDType;

  @Option(
      names = "--gradient-reduction",
      defaultValue = "micro_batch",
      paramLabel = "WHEN",
      description = "micro_batch or step (default: ${DEFAULT-VALUE}).")
  private String gradientReduction;

  @Option(
      names = "--optimizer-states",
      defaultValue = "float32",
      paramLabel = "TYPE",
      description =
          "float32, or bfloat16 with weights rounded stochastically (default: ${DEFAULT-VALUE}).")
  private String optimizerStates;

  @Option(
      names = "--gradient-dtype",
      defaultValue = "float32",
      paramLabel = "TYPE",
      description = "In which gradients are added up (default: ${DEFAULT-VALUE}).")
  private String gradientDType;

  @Option(
      names = "--recompute",
      defaultValue = "none",
      paramLabel = "LEVEL",
      description = "none, cheap, attention or full (default: ${DEFAULT-VALUE}).")
  private String recompute;

  /** A configuration of such a rank. */
  EngineConfig applyTo(EngineConfig config) {
    new Faults("bench")
        .require(
            worldSize >= 1 && worldSize <= MOST_RANKS,
            "--simulate-world must be between 1 and %s, got %s".formatted(MOST_RANKS, worldSize))
        .require(
            nodeSize >= 1 && (worldSize < 1 || worldSize % nodeSize == 0),
            "--node-size must divide --simulate-world %s, got %s".formatted(worldSize, nodeSize))
        .throwIfAny();
    ShardingConfig mode =
        ShardingConfig.defaults()
            .withMode(Sharding.parse(sharding))
            .withReduceDType(
                reduceDType == null
                    ? ShardingConfig.reduceDTypeFor(config.device().device(), config.computeDType())
                    : DType.parse("--reduce-dtype", reduceDType))
            .withGradientReduction(GradientReduction.parse(gradientReduction));
    return config
        .withRecompute(Recompute.parse(recompute))
        .withAdamW(
            AdamWConfig.defaults().withStates(DType.parse("--optimizer-states", optimizerStates)))
        .withGradientDType(DType.parse("--gradient-dtype", gradientDType))
        .withSharding(mode)
        .withRanks(RankGroups.simulated(worldSize, nodeSize));
  }
}
