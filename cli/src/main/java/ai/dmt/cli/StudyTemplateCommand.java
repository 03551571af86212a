package ai.dmt.cli;

import ai.dmt.study.executor.Scheduler;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt study template}: the template of a job, for a site to change. */
@Command(
    name = "template",
    description = {
      "Prints the script or the manifest of a job. Change what your site needs, such as partition,"
          + " modules or image, and give the file to dmt study --job-template."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class StudyTemplateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EXECUTOR", description = "slurm or kubernetes.")
  private String executor;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Scheduler.of(executor).template());
    out.flush();
    return ExitCode.OK;
  }
}
