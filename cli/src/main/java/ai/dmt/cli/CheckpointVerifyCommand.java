package ai.dmt.cli;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.internal.files.Checksums;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
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
    description = "Reads all files of checkpoints and saved models and compares their checksums.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class CheckpointVerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "Checkpoints, models, or outputs of runs for all of theirs.")
  private List<Path> folders;

  @Override
  public Integer call() throws IOException {
    boolean whole = true;
    for (Path folder : folders) {
      boolean model = isModel(folder);
      if (model) {
        whole &= tell(folder, ModelFolder.faults(folder));
      }
      if (!model || !CheckpointFolder.find(folder).isEmpty()) {
        for (Path path : CheckpointPaths.in(folder)) {
          whole &= verify(path);
        }
      }
    }
    return whole ? ExitCode.OK : ExitCode.FAILED;
  }

  private static boolean isModel(Path folder) {
    boolean model =
        Files.exists(folder.resolve("config.json"))
            || Files.exists(folder.resolve(AdapterFolder.WEIGHTS));
    return model && Files.exists(folder.resolve(Checksums.NAME));
  }

  private boolean verify(Path path) {
    List<String> faults;
    try {
      faults = Checkpoint.open(path).faults();
    } catch (CheckpointException e) {
      faults = List.of(e.getMessage());
    }
    return tell(path, faults);
  }

  private boolean tell(Path path, List<String> faults) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(path + (faults.isEmpty() ? ": whole" : ": damaged"));
    faults.forEach(fault -> out.println("  " + fault));
    out.flush();
    return faults.isEmpty();
  }
}
