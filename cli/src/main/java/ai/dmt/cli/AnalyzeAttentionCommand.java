package ai.dmt.cli;

import ai.dmt.attention.AttentionChanges;
import ai.dmt.attention.AttentionDrift;
import ai.dmt.attention.AttentionReport;
import ai.dmt.attention.AttentionStudy;
import ai.dmt.attention.HeadSamples;
import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.evaluators.TextTable;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.text.Faults;
import ai.dmt.model.Model;
import ai.dmt.report.Fonts;
import ai.dmt.report.Table;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyModels;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt analyze attention}: what heads look at, and how training moved it. */
@Command(
    name = "attention",
    description = {
      "Compares what the attention heads of two models look at on the same samples: entropy,"
          + " distance, how much of it moved, by head and source; and which source needs which head.",
      "Of two models of a study, or of the folders of two models."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class AnalyzeAttentionCommand implements Callable<Integer> {
  private static final String FILE = "attention.json";

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "STUDY",
      description = "Folder of a study, whose held-out samples count.")
  private Path study;

  @Option(
      names = "--model",
      paramLabel = "DIR|GROUP",
      description =
          "The model before. Of a study a group, or a stage of one such as \"mixed-sequential, stage"
              + " 1\" (default: base model).")
  private String model;

  @Option(
      names = "--compare",
      required = true,
      paramLabel = "DIR|GROUP",
      description = "The other model, of the same shape.")
  private String compare;

  @Option(
      names = "--data",
      arity = "1..*",
      paramLabel = "NAME=FILE",
      description = "Without a study: sources; a name may come again with another file.")
  private List<String> data = List.of();

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "100",
      description = "Most samples of a source, the first ones (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--no-importance",
      negatable = false,
      description =
          "Leave out the losses without each head, which take a pass over the samples for every head"
              + " of both models.")
  private boolean noImportance;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Of a study: how many of its seeds count, 0 for all that were trained; what is said of"
              + " single heads is of the first (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the exchanges of samples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Folder for report.html, report.md, figures and attention.json.")
  private Path output;

  @Mixin private TemplateOption template;
  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    new Faults("analyze attention")
        .require(samples >= 2, "--samples must be 2 or more, got " + samples)
        .require(seeds >= 0, "--seeds must be 0 or more, got " + seeds)
        .throwIfAny();
    Fonts.require();
    OutputPlace.demandWritable("--output", output, List.of(FILE));
    List<HeadSamples> before = new ArrayList<>();
    List<HeadSamples> after = new ArrayList<>();
    List<String> names = study == null ? ofFolders(before, after) : ofStudy(before, after);
    AttentionChanges found =
        AttentionStudy.of(List.of(model(), compare), names, before.get(0), after.get(0), seed);
    AttentionDrift drift = AttentionDrift.of(names, before, after);
    AttentionReport report = new AttentionReport(found, drift);
    OutputPlace.make(output);
    report.report().write(output);
    FileOutput.write(output.resolve(FILE), json(found, drift) + "\n");
    PrintWriter out = spec.commandLine().getOut();
    for (Table table : List.of(report.sources(), report.table())) {
      List<List<String>> rows = new ArrayList<>(List.of(table.header()));
      rows.addAll(table.rows());
      out.println(TextTable.of(rows, 1));
    }
    out.println(report.sentence());
    out.flush();
    return ExitCode.OK;
  }

  private String model() {
    return model == null ? StudyModels.BASE : model;
  }

  /** Of each seed. Gives the names of the sources. */
  private List<String> ofStudy(List<HeadSamples> before, List<HeadSamples> after)
      throws IOException {
    if (!data.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "a study has its own samples: leave out --data");
    }
    try (StudyModels models = StudyModels.open(new StudyFolder(study))) {
      List<Long> trained = models.seeds(List.of(model(), compare));
      if (seeds > trained.size()) {
        throw new ParameterException(
            spec.commandLine(),
            "--seeds must be at most %s, of which there are models, got %s"
                .formatted(trained.size(), seeds));
      }
      HeldOutData read = models.heldOut(samples);
      for (long each : trained.subList(0, seeds == 0 ? trained.size() : seeds)) {
        Path first = models.folder(model(), each);
        Path second = models.folder(compare, each);
        boolean importance = !noImportance && before.isEmpty();
        before.add(HeadSamples.of(first, first, models.inference(), read, importance));
        after.add(HeadSamples.of(second, first, models.inference(), read, importance));
        tell("seed %s of %s".formatted(before.size(), trained.size()));
      }
      return List.copyOf(read.sources().keySet());
    }
  }

  private List<String> ofFolders(List<HeadSamples> before, List<HeadSamples> after) {
    if (model == null || data.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "name the folder of a study, or --model and --data");
    }
    Path first = Path.of(model);
    EngineConfig config = compute.applyTo(EngineConfig.inference());
    HeldOutData read;
    try (Model opened = Model.open(first, config)) {
      read =
          HeldOutData.of(
              KeyValues.sources(data, List.of(), spec.commandLine()),
              opened,
              template.of(first),
              samples);
    }
    before.add(HeadSamples.of(first, first, config, read, !noImportance));
    after.add(HeadSamples.of(Path.of(compare), first, config, read, !noImportance));
    return List.copyOf(read.sources().keySet());
  }

  private void tell(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("dmt: " + line);
    err.flush();
  }

  private String json(AttentionChanges found, AttentionDrift drift) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode().put("schema", 1).put("seed", seed);
    root.set("drift", mapper.valueToTree(drift));
    root.setAll((ObjectNode) mapper.valueToTree(found));
    return root.toPrettyString();
  }
}
