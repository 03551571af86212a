package ai.dmt.cli;

import ai.dmt.data.ChatTemplate;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.evaluators.gsm8k.Gsm8kProblem;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.model.Model;
import ai.dmt.model.ModelInfo;
import ai.dmt.rft.PathSampling;
import ai.dmt.rft.PathSettings;
import ai.dmt.rft.RftData;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt rft}: makes training data of a model's right answers to GSM8K. */
@Command(
    name = "rft",
    description = {
      "Samples answers to the questions of GSM8K with a model, and makes training data of the right"
          + " ones.",
      "One with a broken equation is dropped, and of those with the same equations one stays.",
      "Stopped or killed, it goes on where it was when it is started again."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class RftCommand implements Callable<Integer> {
  private static final String DATA = "rft.jsonl";

  @Spec private CommandSpec spec;

  @Option(
      names = "--problems",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "Questions and answers, as GSM8K's train.jsonl has them.")
  private Path problems;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face folder that is to answer; none to take --samples-of alone.")
  private Path model;

  @Option(
      names = "--samples-of",
      paramLabel = "DIR",
      description =
          "Output of an earlier run with the same problems, whose samples count, too; may be given"
              + " several times.")
  private List<Path> others = List.of();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Takes samples.jsonl, and the data as rft.jsonl (format: rft).")
  private Path output;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "The first N problems; 0 for all (default).")
  private int limit;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "Answers of each question (default: ${DEFAULT-VALUE}); more can be added later.")
  private int samples;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.7",
      description = "Of the sampling (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description = "Share of probability to sample from (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "256",
      description = "Longest answer (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "16",
      description = "Questions that are worked on at once (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the samples (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ProgressOptions progressOptions;

  @Mixin private TemplateOption template;
  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    if (model == null && others.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "nothing to sample or to choose from: give --model or --samples-of");
    }
    if (limit < 0) {
      throw new ParameterException(spec.commandLine(), "--limit must be 0 or more, got " + limit);
    }
    List<Gsm8kProblem> all = Gsm8kProblem.read(problems);
    all = limit == 0 ? all : all.subList(0, Math.min(limit, all.size()));
    OutputPlace.demandWritable("--output", output, List.of(PathSampling.SAMPLES));
    RftData data = new RftData(all);
    if (model != null) {
      sample(model, all);
      data.add(output.resolve(PathSampling.SAMPLES));
    }
    others.forEach(other -> data.add(other.resolve(PathSampling.SAMPLES)));
    RftData.Report report = data.write(OutputPlace.make(output).resolve(DATA));
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.table());
    out.flush();
    return ExitCode.OK;
  }

  private void sample(Path folder, List<Gsm8kProblem> all) {
    PathSettings settings =
        new PathSettings(samples, temperature, topP, maxNewTokens, batchSize, seed);
    ModelInfo.read(folder); // a folder that is no model is a better message than its template
    EngineConfig engine = compute.applyTo(EngineConfig.inference());
    NativeRuntime.requireDevice(engine.device().at(0));
    ChatTemplate chat = template.of(folder);
    AnswerProgress progress =
        new AnswerProgress("rft", spec.commandLine().getErr(), progressOptions);
    try (Model loaded = Model.open(folder, engine)) {
      loaded.tokenizer().notes().forEach(note -> template.tell("warning: " + note));
      int tooLong = new PathSampling(loaded, chat, settings).run(all, output, progress);
      if (tooLong > 0) {
        progress.say("%s questions do not fit the model and have no samples".formatted(tooLong));
      }
    }
  }
}
