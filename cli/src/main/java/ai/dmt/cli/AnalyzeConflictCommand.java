package ai.dmt.cli;

import ai.dmt.conflict.ConflictReport;
import ai.dmt.conflict.DataOverlap;
import ai.dmt.conflict.GradientConflict;
import ai.dmt.conflict.SourceSets;
import ai.dmt.data.Source;
import ai.dmt.data.SourceFiles;
import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.evaluators.TextTable;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.model.Model;
import ai.dmt.report.Fonts;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Table;
import ai.dmt.study.StudyConflict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt analyze conflict}: which sources pull a model in different directions, and why. */
@Command(
    name = "conflict",
    description = {
      "Compares the gradients of sources at a model's weights, by layer and kind of matrix, and how"
          + " much of their text is the same.",
      "Of studies: at the models of their stages; and where they asked \"grid\", which factors tell"
          + " beforehand where data interfere."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class AnalyzeConflictCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--model", paramLabel = "DIR", description = "The model, with --data.")
  private Path model;

  @Option(
      names = "--data",
      arity = "1..*",
      paramLabel = "NAME=FILE",
      description = "Sources, two or more; a name may come again with another file.")
  private List<String> data = List.of();

  @Option(
      names = "--study",
      arity = "1..*",
      paramLabel = "DIR",
      description = "Folders of studies, in place of --model and --data.")
  private List<Path> studies = List.of();

  @Option(
      names = "--sets",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "Independent sets of samples of each source, 3 or more; each takes the memory of a"
              + " gradient (default: ${DEFAULT-VALUE}).")
  private int sets;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "32",
      description = "Samples of a set, at most (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the draw and of permutations (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Write report.html, report.md, figures and tables there, too.")
  private Path output;

  @Mixin private TemplateOption template;
  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    if (studies.isEmpty() == (model == null) || (model == null) != data.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "give --model with --data NAME=FILE ..., or --study DIR");
    }
    if (output != null) {
      Fonts.require();
    }
    Report report = studies.isEmpty() ? ofModel(model) : ofStudies();
    print(report);
    if (output != null) {
      OutputPlace.make(output);
      report.write(output);
    }
    return ExitCode.OK;
  }

  private Report ofModel(Path folder) {
    List<SourceFiles> files = KeyValues.sources(data, List.of(), spec.commandLine());
    EngineConfig config = compute.applyTo(EngineConfig.defaults());
    try (Model opened = Model.open(folder, config)) {
      HeldOutData read = HeldOutData.of(files, opened, template.of(folder), 0);
      List<Source> sources = new ArrayList<>();
      read.sources().forEach((name, each) -> sources.add(new Source(name, each)));
      SourceSets drawn = SourceSets.draw(sources, sets, samples, seed);
      GradientConflict conflict = GradientConflict.of(opened.engine(), drawn, read.maxTokens());
      List<DataOverlap> overlaps = new ArrayList<>();
      StudyConflict.N_GRAMS.forEach(n -> overlaps.addAll(DataOverlap.of(drawn, n)));
      List<Section> sections =
          List.of(
              ConflictReport.gradients(Map.of(folder.toString(), conflict)),
              ConflictReport.overlap(overlaps));
      String what = "%s sets of %s samples of each source".formatted(sets, drawn.size());
      return new Report("Conflicts of data", what, sections);
    }
  }

  private Report ofStudies() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    List<StudyConflict> conflicts = new ArrayList<>();
    for (Path study : studies) {
      conflicts.add(
          StudyConflict.of(
              study,
              sets,
              samples,
              seed,
              done -> {
                err.println("gradients: " + done);
                err.flush();
              }));
    }
    return StudyConflict.report(conflicts, seed);
  }

  /** The tables that are open in the report. */
  private void print(Report report) {
    PrintWriter out = spec.commandLine().getOut();
    for (Section section : report.sections()) {
      out.println(section.title());
      for (Section.Block block : section.blocks()) {
        if (block instanceof Section.TableBlock open) {
          Table table = open.table();
          List<List<String>> rows = new ArrayList<>(List.of(table.header()));
          rows.addAll(table.rows());
          out.println(TextTable.of(rows, 1));
        }
      }
    }
    out.flush();
  }
}
