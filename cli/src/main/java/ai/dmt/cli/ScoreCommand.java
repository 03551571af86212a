package ai.dmt.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt score}: lists its subcommands. */
@Command(
    name = "score",
    description = "Scores completions that a file holds. Loads no model and no native library.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    subcommands = {
      ScoreGsm8kCommand.class,
      ScoreHumanEvalCommand.class,
      ScoreMathCommand.class,
      ScoreMbppCommand.class,
      ScoreMtBenchCommand.class
    })
final class ScoreCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name a benchmark: " + String.join(", ", spec.subcommands().keySet()));
  }
}
