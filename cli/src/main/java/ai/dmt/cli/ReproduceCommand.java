package ai.dmt.cli;

import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyPresets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt reproduce}: the paper's questions on the bundled world, from start to report. */
@Command(
    name = "reproduce",
    description = {
      "Asks all of the paper's questions of a small model on the bundled world: trains every strategy,"
          + " scores it, writes tables and figures. Needs no download.",
      "The same as dmt study all --preset tiny. Killed and started again, it goes on where it was."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ReproduceCommand implements Callable<Integer> {
  private static final String PRESET = "tiny";

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "KEY=VALUE",
      description = "Changes of the study (amounts, dmt_k, world.scale, ...) or of its recipe.")
  private List<String> words = List.of();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Study folder; one that was begun goes on (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("studies", PRESET);

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Train each cell with so many seeds. Default: the preset's.")
  private Integer seeds;

  @Mixin private JobsOption jobs;

  @Mixin private StudyRunOptions run;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> changes = new ArrayList<>(words);
    if (seeds != null) {
      changes.add("seeds=" + seeds);
    }
    StudyDefinition study = StudyPresets.read(PRESET, changes);
    StudyFolder folder = StudyFolder.ofOutput(output);
    PrintWriter out = spec.commandLine().getOut();
    int code =
        new StudyLaunch(spec, folder, jobs.processes(study), run)
            .run(study, study.asked("all"), List.of());
    out.printf("report: %s%n", folder.root().resolve("report.html"));
    out.flush();
    return code;
  }
}
