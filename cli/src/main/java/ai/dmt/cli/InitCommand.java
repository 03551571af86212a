package ai.dmt.cli;

import ai.dmt.run.FreshModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dmt init}: writes a model with random weights. */
@Command(
    name = "init",
    description = "Writes a model folder with random weights, to pretrain with dmt train.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class InitCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The model's shape, as a Hugging Face config.json.")
  private Path config;

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "DIR",
      description = "Folder whose tokenizer is copied.")
  private Path tokenizer;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the model.")
  private Path output;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the weights (default: ${DEFAULT-VALUE}).")
  private long seed = 42;

  @Option(names = "--overwrite", description = "Replace a model that is in the output folder.")
  private boolean overwrites;

  @Override
  public Integer call() throws IOException {
    FreshModel.write(FreshModel.shape(config), tokenizer, seed, output, overwrites);
    return ExitCode.OK;
  }
}
