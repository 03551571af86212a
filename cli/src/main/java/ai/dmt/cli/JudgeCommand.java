package ai.dmt.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt judge}: lists its subcommands. */
@Command(
    name = "judge",
    description = "Has answers graded by a judge. Loads no model and no native library.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    subcommands = JudgeMtBenchCommand.class)
final class JudgeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a benchmark: " + String.join(", ", spec.subcommands().keySet()));
  }
}
