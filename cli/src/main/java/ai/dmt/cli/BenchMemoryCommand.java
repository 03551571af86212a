package ai.dmt.cli;

import ai.dmt.bench.ModelPreset;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.AdamWConfig;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.RankGroups;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.ShardingConfig;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt bench memory}: what a rank would hold. */
@Command(
    name = "memory",
    description = {
      "Bytes that rank 0 of a run would hold, without activations; nothing is allocated.",
      "Prints one JSON line."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class BenchMemoryCommand implements Callable<Integer> {
  private static final int POSITIONS = 2048;

  @Spec private CommandSpec spec;

  @Option(
      names = "--preset",
      defaultValue = "33b",
      paramLabel = "NAME",
      completionCandidates = BenchOptions.Presets.class,
      description = "Shape: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String preset;

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
      defaultValue = "float32",
      paramLabel = "TYPE",
      description = "In which gradients travel (default: ${DEFAULT-VALUE}).")
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
      description = "float32, or bfloat16 without master weights (default: ${DEFAULT-VALUE}).")
  private String optimizerStates;

  @Option(
      names = "--gradient-dtype",
      defaultValue = "float32",
      paramLabel = "TYPE",
      description = "In which gradients are added up (default: ${DEFAULT-VALUE}).")
  private String gradientDType;

  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() {
    ModelConfig model = ModelPreset.parse(preset).model(POSITIONS);
    EngineConfig config = config();
    MemoryAccount account = NativeEngine.plannedMemory(model, config);
    ObjectNode line = new ObjectMapper().createObjectNode();
    line.put("preset", preset);
    line.put("dtype", config.computeDType().text());
    line.put("world_size", worldSize);
    line.put("sharding", config.sharding().mode().text());
    line.put("weights_bytes", account.weights());
    line.put("master_weights_bytes", account.masterWeights());
    line.put("gradients_bytes", account.gradients());
    line.put("optimizer_states_bytes", account.optimizerStates());
    line.put("buffers_bytes", account.buffers());
    line.put("total_bytes", account.total());
    spec.commandLine().getOut().println(line);
    return ExitCode.OK;
  }

  private EngineConfig config() {
    if (worldSize < 1) {
      throw new ConfigException("--simulate-world must be at least 1, got " + worldSize);
    }
    ShardingConfig mode =
        new ShardingConfig(
            Sharding.parse(sharding),
            DType.parse(reduceDType),
            GradientReduction.parse(gradientReduction));
    return compute
        .applyTo(EngineConfig.defaults())
        .withAdamW(AdamWConfig.defaults().withStates(DType.parse(optimizerStates)))
        .withGradientDType(DType.parse(gradientDType))
        .withSharding(mode)
        .withRanks(RankGroups.simulated(worldSize, nodeSize));
  }
}
