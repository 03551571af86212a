package ai.dmt.cli;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.EngineConfig;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An adapter that is trained in place of the model, in the words of dmt_bench. */
final class LoraOptions {
  private static final List<AdapterTarget> ATTENTION =
      List.of(
          AdapterTarget.Q_PROJ, AdapterTarget.K_PROJ, AdapterTarget.V_PROJ, AdapterTarget.O_PROJ);

  @Option(
      names = "--lora",
      defaultValue = "0",
      paramLabel = "RANK",
      description =
          "Train an adapter of this rank, alpha twice as much; 0 trains the model (default:"
              + " ${DEFAULT-VALUE}).")
  private int rank;

  @Option(
      names = "--lora-targets",
      paramLabel = "WHICH",
      description =
          "Matrices that it stands beside: all of a decoder block, or those of attention (default:"
              + " all).")
  private @Nullable String targets; // null where it is not given

  @Option(
      names = "--base",
      defaultValue = "compute",
      paramLabel = "TYPE",
      description =
          "How the model beside an adapter is kept: compute (as --dtype), int8 or nf4 (default:"
              + " ${DEFAULT-VALUE}).")
  private String base;

  /** A configuration with the adapter. */
  EngineConfig applyTo(EngineConfig config) {
    List<AdapterTarget> beside = targets();
    BaseWeights weights = baseWeights();
    if (rank < 0) {
      throw new ConfigException("--lora must not be negative, got " + rank);
    }
    if (rank == 0 && (targets != null || weights != BaseWeights.COMPUTE)) {
      throw new ConfigException(
          "--lora-targets and --base %s, %s need --lora RANK"
              .formatted(BaseWeights.INT8.text(), BaseWeights.NF4.text()));
    }
    return rank == 0
        ? config
        : config.withAdapter(AdapterConfig.lora(rank, 2.0 * rank, beside)).withBaseWeights(weights);
  }

  private List<AdapterTarget> targets() {
    if (targets == null || targets.equals("all")) {
      return AdapterTarget.ALL_LINEAR;
    }
    if (!targets.equals("attention")) {
      throw new ConfigException(
          "--lora-targets must be all or attention, got \"%s\"".formatted(targets));
    }
    return ATTENTION;
  }

  private BaseWeights baseWeights() {
    return Arrays.stream(BaseWeights.values())
        .filter(each -> each.text().equals(base))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "--base must be compute, int8 or nf4, got \"%s\"".formatted(base)));
  }
}
