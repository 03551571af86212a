package ai.dmt.cli;

import ai.dmt.completion.LoadedModel;
import ai.dmt.data.DropCounts;
import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.EvaluatedModel;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.evaluation.HeldOutLoss;
import ai.dmt.evaluation.HeldOutTable;
import ai.dmt.evaluation.ModelScores;
import ai.dmt.evaluation.SampleLossMeter;
import ai.dmt.prepare.CacheUse;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt evaluate}: scores a model, or every stage of a run. */
@Command(
    name = "evaluate",
    description = "Measures a model, or the models of all stages of a run.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Models models;

  /** One model or those of a run. */
  private static final class Models {
    @Option(
        names = "--model",
        required = true,
        paramLabel = "DIR",
        description = "Hugging Face folder.")
    private Path model;

    @Option(
        names = "--run",
        required = true,
        paramLabel = "DIR",
        description = "Output folder of dmt train RECIPE: its base model and each stage's.")
    private Path run;
  }

  @Mixin private HeldOutOptions heldOut;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "The first N samples of each source; 0 for all (default).")
  private long limit;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write all scores of all models to this file, too.")
  private Path json;

  @Mixin private TemplateOption template;
  @Mixin private CacheOptions cache;
  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() {
    if (models.run == null && !heldOut.given()) {
      throw new ParameterException(
          spec.commandLine(), "nothing to measure: give --held-out RECIPE or NAME=FILE");
    }
    if (limit < 0) {
      throw new ParameterException(spec.commandLine(), "--limit must be 0 or more, got " + limit);
    }
    List<EvaluatedModel> evaluated =
        models.run == null
            ? List.of(EvaluatedModel.of(models.model))
            : EvaluatedModel.ofRun(models.run);
    Map<String, HeldOutLoss> losses = new LinkedHashMap<>();
    List<ModelScores> scores = new ArrayList<>();
    CacheUse use = cache.use(spec.commandLine().getErr());
    HeldOutData data = null;
    for (EvaluatedModel each : evaluated) {
      try (LoadedModel model = LoadedModel.open(each.folder(), engine())) {
        if (data == null) { // the models of a run have one tokenizer
          data = heldOut.read(model, template, models.run, use, limit);
          data.drops().forEach(this::tellDrops);
        }
        HeldOutLoss loss = data.measure(model);
        losses.put(each.name(), loss);
        scores.add(
            new ModelScores(
                each.name(), each.folder().toString(), List.of(loss.report()), Map.of()));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(HeldOutTable.text(losses));
    out.flush();
    if (json != null) {
      ModelScores.write(json, scores);
    }
    return ExitCode.OK;
  }

  private void tellDrops(String source, DropCounts drops) {
    if (!drops.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("dmt: source %s: cut and left out: %s%n", source, drops);
      err.flush();
    }
  }

  private EngineConfig engine() {
    return compute.applyTo(EngineConfig.inference().withSources(SampleLossMeter.sources()));
  }
}
