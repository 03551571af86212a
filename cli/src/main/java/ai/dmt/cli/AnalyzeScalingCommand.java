package ai.dmt.cli;

import ai.dmt.evaluators.TextTable;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.report.Fonts;
import ai.dmt.report.Report;
import ai.dmt.report.Table;
import ai.dmt.study.StudyScaling;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt analyze scaling}: fits laws to the amounts of a study. */
@Command(
    name = "scaling",
    description = {
      "Fits power laws, with and without a plateau, to what each ability gains by the amount of its"
          + " own data, and of a study of several sizes laws of size and amount together.",
      "Needs neither a model nor libtorch."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class AnalyzeScalingCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "RESULTS",
      description = "results.json of a study that asked \"amount\", or the study's folder.")
  private Path results;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Write report.html, report.md and figures there, too.")
  private Path output;

  @Override
  public Integer call() throws IOException {
    if (output != null) {
      Fonts.require();
    }
    StudyScaling scaling = StudyScaling.read(results);
    print(scaling.table());
    if (!scaling.sizes().rows().isEmpty()) {
      spec.commandLine().getOut().println();
      print(scaling.sizes());
    }
    if (output != null) {
      OutputPlace.make(output);
      new Report("Laws of scaling", results.toString(), scaling.sections()).write(output);
    }
    return ExitCode.OK;
  }

  private void print(Table table) {
    List<List<String>> rows = new ArrayList<>(List.of(table.header()));
    rows.addAll(table.rows());
    PrintWriter out = spec.commandLine().getOut();
    out.print(TextTable.of(rows, 1));
    out.flush();
  }
}
