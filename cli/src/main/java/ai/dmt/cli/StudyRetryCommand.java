package ai.dmt.cli;

import ai.dmt.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt study retry}: submits again what is not done. */
@Command(
    name = "retry",
    description = {
      "Submits again what failed, was lost or was cancelled, as it was submitted before."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class StudyRetryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FOLDER", description = "Folder of the study.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    return new StudyJobsLaunch(new StudyTalk(spec, new ProgressOptions()), new StudyFolder(folder))
        .retry();
  }
}
