package ai.dmt.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt checkpoint}: what runs left to go on from. */
@Command(
    name = "checkpoint",
    description = "Lists checkpoints of runs, or checks their files.",
    subcommands = {CheckpointListCommand.class, CheckpointVerifyCommand.class},
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class CheckpointCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command: ls or verify");
  }
}
