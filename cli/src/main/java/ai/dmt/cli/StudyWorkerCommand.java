package ai.dmt.cli;

import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyQuestion;
import ai.dmt.study.StudyRun;
import ai.dmt.study.StudySetup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One of the processes that {@code dmt study --jobs} starts. */
@Command(
    name = StudyWorkerCommand.NAME,
    hidden = true,
    description = "Works on a study folder that dmt study has begun, until standard input ends.")
final class StudyWorkerCommand implements Callable<Integer> {
  static final String NAME = "study-worker";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FOLDER")
  private Path folder;

  @Parameters(index = "1", paramLabel = "QUESTIONS", split = ",")
  private List<String> questions;

  @Parameters(index = "2..*", paramLabel = "CELL")
  private List<String> only = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    ParentProcess.endWith();
    StudyFolder study = new StudyFolder(folder);
    List<StudyQuestion> asked =
        questions.stream().flatMap(word -> StudyQuestion.parse(word).stream()).toList();
    try (StudyRun run =
        StudyLaunch.open(
            StudySetup.read(study),
            study,
            asked,
            only,
            new StudyTalk(spec, new ProgressOptions()))) {
      run.work();
    }
    return ExitCode.OK;
  }
}
