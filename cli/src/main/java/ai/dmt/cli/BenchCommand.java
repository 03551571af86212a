package ai.dmt.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt bench}: lists its subcommands. */
@Command(
    name = "bench",
    description = {
      "Measures speed and memory with random weights.",
      "Prints one JSON line with the fields of the peer's peer_speed.py."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    subcommands = {BenchTrainCommand.class, BenchGenerateCommand.class, BenchMemoryCommand.class})
final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name what to measure: train, generate or memory");
  }
}
