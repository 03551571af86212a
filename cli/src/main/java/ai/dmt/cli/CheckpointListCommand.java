package ai.dmt.cli;

import ai.dmt.internal.text.Units;
import ai.dmt.train.Progress;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt checkpoint ls}. */
@Command(
    name = "ls",
    description = "Lists checkpoints, the newest first. Reads no weights.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class CheckpointListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "A run's output, or its folder checkpoints.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    int exitCode = ExitCode.OK;
    for (Path path : CheckpointPaths.in(folder)) {
      try {
        out.println(line(Checkpoint.open(path)));
      } catch (CheckpointException e) {
        out.println(path.getFileName() + "  " + e.getMessage());
        exitCode = ExitCode.FAILED;
      }
    }
    out.flush();
    return exitCode;
  }

  private static String line(Checkpoint checkpoint) throws IOException {
    Progress progress = checkpoint.progress();
    return Units.format(
        "%s  step %d of %d, stage %s, epoch %.2f, %d %s, %s",
        checkpoint.folder().getFileName(),
        progress.step(),
        progress.totalSteps(),
        progress.stage().name(),
        progress.epoch(),
        checkpoint.ranks(),
        checkpoint.ranks() == 1 ? "rank" : "ranks",
        Units.bytes(checkpoint.bytes()));
  }
}
