package ai.dmt.cli;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.DType;
import ai.dmt.run.ModelExport;
import ai.dmt.train.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt export}: a checkpoint as a model folder, an adapter merged into its base. */
@Command(
    name = "export",
    description = {
      "Writes the weights of a checkpoint as a Hugging Face folder, with tokenizer and template; those"
          + " of an adapter as PEFT's folder, or, with --merge, as a whole model.",
      "Needs no rank but itself, and memory that does not grow with the model."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "CHECKPOINT",
      description =
          "A checkpoint, or a run's output for its newest; with --merge also an adapter's folder.")
  private Path checkpoint;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "New model folder.")
  private Path output;

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description = "float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
  private String dtype;

  @Option(names = "--merge", description = "Merge an adapter into its base.")
  private boolean merges;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "With --merge: the adapter's base (default: the one that its settings name).")
  private Path base;

  @Option(names = "--overwrite", description = "Replace a model that is in the output folder.")
  private boolean overwrites;

  @Override
  public Integer call() throws IOException {
    DType type = DType.parse(dtype);
    if (base != null && !merges) {
      throw new ConfigException("--base is of an adapter that is merged; give --merge, too");
    }
    boolean adapter = Files.exists(checkpoint.resolve(AdapterFolder.WEIGHTS));
    if (adapter && merges) {
      ModelExport.merge(checkpoint, base, output, type, overwrites);
      spec.commandLine().getOut().println("%s merged to %s".formatted(checkpoint, output));
      return ExitCode.OK;
    }
    Checkpoint from = Checkpoint.open(CheckpointPaths.in(checkpoint).get(0));
    if (merges) {
      ModelExport.merge(from, base, output, type, overwrites);
    } else {
      ModelExport.write(from, output, type, overwrites);
    }
    spec.commandLine()
        .getOut()
        .println("step %s exported to %s".formatted(from.progress().step(), output));
    return ExitCode.OK;
  }
}
