package ai.dmt.cli;

import ai.dmt.internal.text.Named;
import ai.dmt.study.executor.SlurmExecutor;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt study template}: the script of a job, for a site to change. */
@Command(
    name = "template",
    description = {
      "Prints the script of a job. Change what your site needs, such as partition or modules, and give"
          + " the file to dmt study --job-template."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class StudyTemplateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EXECUTOR", description = "slurm.")
  private String executor;

  @Override
  public Integer call() {
    Named.setting("EXECUTOR", new String[] {SlurmExecutor.NAME}, name -> name, executor);
    PrintWriter out = spec.commandLine().getOut();
    out.print(SlurmExecutor.bundledTemplate());
    out.flush();
    return ExitCode.OK;
  }
}
