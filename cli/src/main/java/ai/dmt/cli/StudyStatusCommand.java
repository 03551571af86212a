package ai.dmt.cli;

import ai.dmt.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt study status}: says where a study is. */
@Command(
    name = "status",
    description = {
      "Says where each stage and each benchmark of a study is: in this machine's processes or in jobs.",
      "Exit status 1 if one has failed."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class StudyStatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FOLDER", description = "Folder of the study.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    return new StudyJobsLaunch(new StudyTalk(spec, new ProgressOptions()), new StudyFolder(folder))
        .status();
  }
}
