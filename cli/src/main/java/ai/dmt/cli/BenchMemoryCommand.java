package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.plan.ModelPreset;
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
      "Bytes that rank 0 of a run would hold; nothing is allocated.",
      "Prints one JSON line."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class BenchMemoryCommand implements Callable<Integer> {
  private static final int POSITIONS = 2048;
  private static final int MOST_TOKENS = 1 << 24;

  @Spec private CommandSpec spec;

  @Option(
      names = "--preset",
      defaultValue = "33b",
      paramLabel = "NAME",
      completionCandidates = BenchOptions.Presets.class,
      description = "Shape: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String preset;

  @Option(
      names = "--tokens",
      defaultValue = "0",
      paramLabel = "N",
      description = "Tokens of a micro-batch, for activations (default: without).")
  private long tokens;

  @Mixin private SimulatedRankOptions rank;

  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() {
    if (tokens < 0 || tokens > MOST_TOKENS) {
      throw new ConfigException(
          "--tokens must be between 0 and %s, got %s".formatted(MOST_TOKENS, tokens));
    }
    ModelConfig model = ModelPreset.parse(preset).model(POSITIONS);
    EngineConfig config = rank.applyTo(compute.applyTo(EngineConfig.defaults()));
    MemoryAccount account = MemoryAccount.planned(model, config, tokens);
    ObjectNode line = new ObjectMapper().createObjectNode();
    line.put("preset", preset);
    line.put("dtype", config.computeDType().text());
    line.put("world_size", config.ranks().worldSize());
    line.put("sharding", config.sharding().mode().text());
    line.put("weights_bytes", account.weights());
    line.put("master_weights_bytes", account.masterWeights());
    line.put("gradients_bytes", account.gradients());
    line.put("optimizer_states_bytes", account.optimizerStates());
    line.put("buffers_bytes", account.buffers());
    line.put("activations_bytes", account.activationsPeak());
    line.put("total_bytes", account.total());
    spec.commandLine().getOut().println(line);
    return ExitCode.OK;
  }
}
