package ai.dmt.cli;

import ai.dmt.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt study cancel}: ends the jobs of a study. */
@Command(
    name = "cancel",
    description = {"Ends all jobs of a study. What was done stays, and so do checkpoints."},
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class StudyCancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FOLDER", description = "Folder of the study.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    return new StudyJobsLaunch(new StudyTalk(spec, new ProgressOptions()), new StudyFolder(folder))
        .cancel();
  }
}
