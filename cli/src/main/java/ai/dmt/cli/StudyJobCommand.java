package ai.dmt.cli;

import ai.dmt.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a job of {@code dmt study --executor} runs. */
@Command(
    name = StudyJobCommand.NAME,
    hidden = true,
    description = "Does one task of a study folder, or writes its report.")
final class StudyJobCommand implements Callable<Integer> {
  static final String NAME = "study-job";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FOLDER")
  private Path folder;

  @Parameters(index = "1", paramLabel = "TASK")
  private String task;

  @Override
  public Integer call() throws IOException {
    return new StudyJobsLaunch(new StudyTalk(spec, new ProgressOptions()), new StudyFolder(folder))
        .work(task);
  }
}
