package ai.dmt.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code dmt}: lists its subcommands and does nothing else. */
@Command(
    name = "dmt",
    description = "Fine-tunes LLaMA-family models on a mixture of abilities.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    subcommands = {})
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs a command and exits with its {@link ExitCode}. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "name a command");
  }
}
