package ai.dmt.cli;

import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.evaluators.TextTable;
import ai.dmt.independence.HeldOutMeter;
import ai.dmt.independence.Independence;
import ai.dmt.independence.IndependenceReport;
import ai.dmt.independence.IndependenceStudy;
import ai.dmt.independence.IndependenceStudy.Models;
import ai.dmt.independence.IndependenceStudy.Settings;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.model.Model;
import ai.dmt.prepare.CacheUse;
import ai.dmt.report.Fonts;
import ai.dmt.report.Table;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyIndependence;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt analyze independence}: changes one ability of a joint model after the other. */
@Command(
    name = "independence",
    description = {
      "Adds and takes away task vectors of single abilities in a jointly trained model, and trains it"
          + " on one ability: does any of them change by itself? Measures held-out losses of all.",
      "Of a study's folder, or of the folders of models."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class AnalyzeIndependenceCommand implements Callable<Integer> {
  private static final String FILE = "independence.json";

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "STUDY",
      description = "Folder of a study whose strategies were trained; its first seed counts.")
  private Path study;

  @Option(names = "--base", paramLabel = "DIR", description = "The base model, without a study.")
  private Path base;

  @Option(
      names = "--joint",
      paramLabel = "DIR|GROUP",
      description =
          "The model trained on all abilities; of a study a group such as \"dmt k=1/16\" (default:"
              + " multi-task).")
  private String joint;

  @Option(
      names = "--tuned",
      arity = "1..*",
      paramLabel = "NAME=DIR",
      description = "Without a study: the base model trained on one ability alone, for each.")
  private List<String> tuned = List.of();

  @Option(
      names = "--factors",
      split = ",",
      paramLabel = "X",
      defaultValue = "-0.5,-0.25,0.25,0.5",
      description = "What task vectors are multiplied with (default: ${DEFAULT-VALUE}).")
  private List<Double> factors;

  @Option(
      names = "--factor",
      paramLabel = "X",
      defaultValue = "-0.25",
      description = "The one that verdicts and scores are about (default: ${DEFAULT-VALUE}).")
  private double factor;

  @Option(
      names = "--controls",
      paramLabel = "N",
      defaultValue = "19",
      description =
          "Vectors of signs at random for each ability; 19 can give p = 0.05 (default:"
              + " ${DEFAULT-VALUE}).")
  private int controls;

  @Option(
      names = "--retrain",
      paramLabel = "SHARE",
      defaultValue = "0.25",
      description =
          "Of a study: share of a source that the joint model is trained on again; 0 for none"
              + " (default: ${DEFAULT-VALUE}).")
  private double retrain;

  @Option(names = "--scores", description = "Of a study: answer its benchmarks, too.")
  private boolean scores;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Folder for report.html, report.md, figures and independence.json.")
  private Path output;

  @Mixin private HeldOutOptions heldOut;
  @Mixin private TemplateOption template;
  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    Fonts.require();
    Settings settings = new Settings(factors, factor, controls);
    OutputPlace.demandWritable("--output", output, List.of(FILE));
    PrintWriter out = spec.commandLine().getOut();
    Path work = output.resolve("changed-model");
    Independence found = study == null ? ofFolders(settings, work) : ofStudy(settings, work);
    IndependenceReport report = new IndependenceReport(found);
    OutputPlace.make(output);
    report.report(what()).write(output);
    FileOutput.write(output.resolve(FILE), json(found) + "\n");
    Table table = report.table();
    List<List<String>> rows = new ArrayList<>(List.of(table.header()));
    rows.addAll(table.rows());
    out.print(TextTable.of(rows, 1));
    out.flush();
    return ExitCode.OK;
  }

  private String what() {
    return study == null
        ? "joint model %s, base model %s".formatted(joint, base)
        : "%s of the study %s, first seed".formatted(group(), study);
  }

  private String group() {
    return joint == null ? "multi-task" : joint;
  }

  private Independence ofStudy(Settings settings, Path work) throws IOException {
    if (base != null || !tuned.isEmpty() || heldOut.given()) {
      throw new ParameterException(
          spec.commandLine(),
          "a study has its own models and samples: leave out --base, --tuned and --held-out");
    }
    StudyIndependence.Options options =
        new StudyIndependence.Options(settings, group(), retrain, scores);
    return new StudyIndependence(new StudyFolder(study), options, System::getenv, this::tell)
        .run(work);
  }

  private Independence ofFolders(Settings settings, Path work) throws IOException {
    if (base == null || joint == null || tuned.isEmpty() || !heldOut.given()) {
      throw new ParameterException(
          spec.commandLine(),
          "name the folder of a study, or --base, --joint, --tuned and --held-out");
    }
    Map<String, Path> folders = new LinkedHashMap<>();
    KeyValues.settings(tuned, spec.commandLine())
        .forEach((name, folder) -> folders.put(name, Path.of(folder)));
    EngineConfig config = compute.applyTo(EngineConfig.inference());
    HeldOutData data;
    try (Model model = Model.open(base, config)) {
      data = heldOut.read(model, template, null, CacheUse.none(), 0);
    }
    Models models = new Models(base, Path.of(joint), folders);
    return new IndependenceStudy(models, settings, new HeldOutMeter(data, config), this::tell)
        .run(work, null);
  }

  private void tell(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("dmt: " + line);
    err.flush();
  }

  private String json(Independence found) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode().put("schema", 1).put("of", what());
    root.setAll((ObjectNode) mapper.valueToTree(found));
    return root.toPrettyString();
  }
}
