package ai.dmt.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt analyze}: lists its subcommands. */
@Command(
    name = "analyze",
    description =
        "Looks into what was trained: laws of scaling, representations, conflicts of data,"
            + " attention, independence of abilities.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    subcommands = {
      AnalyzeScalingCommand.class,
      AnalyzeRepresentationsCommand.class,
      AnalyzeConflictCommand.class,
      AnalyzeAttentionCommand.class,
      AnalyzeIndependenceCommand.class
    })
final class AnalyzeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "name what to analyze: scaling, representations, conflict, attention or independence");
  }
}
