package ai.dmt.cli;

import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt checkpoint verify}. */
@Command(
    name = "verify",
    description = "Reads all files of checkpoints and compares their checksums.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class CheckpointVerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "Checkpoints, or outputs of runs for all of theirs.")
  private List<Path> folders;

  @Override
  public Integer call() throws IOException {
    boolean whole = true;
    for (Path folder : folders) {
      for (Path path : CheckpointPaths.in(folder)) {
        whole &= verify(path);
      }
    }
    return whole ? ExitCode.OK : ExitCode.FAILED;
  }

  private boolean verify(Path path) {
    PrintWriter out = spec.commandLine().getOut();
    List<String> faults;
    try {
      faults = Checkpoint.open(path).faults();
    } catch (CheckpointException e) {
      faults = List.of(e.getMessage());
    }
    out.println(path + (faults.isEmpty() ? ": whole" : ": damaged"));
    faults.forEach(fault -> out.println("  " + fault));
    out.flush();
    return faults.isEmpty();
  }
}
