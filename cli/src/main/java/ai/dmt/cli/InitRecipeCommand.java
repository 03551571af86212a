package ai.dmt.cli;

import ai.dmt.data.SourceFiles;
import ai.dmt.internal.text.Faults;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.run.StarterRecipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt init-recipe}: a commented recipe for a model and data of one's own. */
@Command(
    name = "init-recipe",
    description = {
      "Reads data files, and writes a commented recipe for them and a model, to standard output or"
          + " a file.",
      "Template, lengths and step size come from what was read. Asks nothing, loads no libtorch."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class InitRecipeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face folder to start from.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "NAME=FILE",
      description = "Sources; a name may come again with another file.")
  private List<String> data;

  @Option(
      names = "--lora",
      paramLabel = "RANK",
      description =
          "Train an adapter of this rank beside all matrices of the blocks in place of the model.")
  private @Nullable Integer rank; // null where it is not given

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "File to write.")
  private Path output;

  @Option(
      names = "--output-dir",
      paramLabel = "DIR",
      description = "Folder that the run will write to (default: ${DEFAULT-VALUE}).")
  private Path outputDir = Path.of("tuned");

  @Option(names = "--overwrite", description = "Replace a file that is there.")
  private boolean overwrites;

  @Mixin private CacheOptions cache;

  @Override
  public Integer call() throws IOException {
    if (rank != null) {
      new Faults("init-recipe").positive("--lora", rank).throwIfAny();
    }
    Map<String, List<Path>> files = new LinkedHashMap<>();
    for (SourceFiles source : KeyValues.sources(data, List.of(), spec.commandLine())) {
      files.put(source.name(), source.files());
    }
    String yaml =
        StarterRecipe.yaml(
            model,
            files,
            outputDir,
            Optional.ofNullable(rank).map(each -> AdapterRecipe.defaults().withRank(each)),
            cache.use(spec.commandLine().getErr()));
    if (output != null) {
      RecipeCommand.write(output, yaml, overwrites);
    } else {
      PrintWriter out = spec.commandLine().getOut();
      out.print(yaml);
      out.flush();
    }
    return ExitCode.OK;
  }
}
