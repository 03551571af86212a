package ai.dmt.cli;

import ai.dmt.evaluators.ScoreReport;
import ai.dmt.internal.files.WholeFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where scores go: option of all commands that score. */
final class ReportOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write scores and the verdict on every item to this file, too.")
  private Path json;

  /** Demands that the file can be written, before anything is scored. */
  void check() {
    if (json != null) {
      WholeFile.demandWritable("--json", json);
    }
  }

  /** Prints the table, then writes the file where one is wanted. */
  void report(ScoreReport report) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.table());
    out.flush();
    if (json != null) {
      report.write(json);
    }
  }
}
