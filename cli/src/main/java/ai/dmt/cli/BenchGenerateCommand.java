package ai.dmt.cli;

import ai.dmt.bench.GenerateBench;
import ai.dmt.engine.EngineConfig;
import ai.dmt.internal.text.Faults;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt bench generate}: speed of batched decoding. */
@Command(
    name = "generate",
    description = "Batched greedy decoding after random prompts; half as many rounds as steps.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class BenchGenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BenchOptions options;

  @Option(
      names = "--prompt",
      defaultValue = "64",
      paramLabel = "P",
      description = "Tokens of a prompt (default: ${DEFAULT-VALUE}).")
  private int prompt;

  @Option(
      names = "--new",
      defaultValue = "128",
      paramLabel = "N",
      description = "Tokens of a completion (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Override
  public Integer call() {
    new Faults("bench").positive("--new", newTokens).throwIfAny();
    GenerateBench bench =
        new GenerateBench(options.job(options.engine(EngineConfig.inference()), prompt), newTokens);
    spec.commandLine().getOut().println(bench.run());
    return ExitCode.OK;
  }
}
