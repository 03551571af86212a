package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.recipe.KeyInfo;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeKeys;
import ai.dmt.recipe.RecipeSchema;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.foreign.ForeignRecipe;
import ai.dmt.run.RecipeCheck;
import ai.dmt.strategies.Presets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code dmt recipe}: lists, copies, shows, checks, explains and imports recipes. Loads no native
 * library.
 */
@Command(
    name = "recipe",
    description = "Lists, copies, shows, checks, explains and imports recipes.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class RecipeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name what to do: ls, cp, show, validate, schema, explain or import");
  }

  @Command(
      name = "ls",
      description = "Lists the presets: every run of the paper, and small runs on real files.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int ls() {
    for (String name : Presets.names()) {
      print("%-24s %s%n".formatted(name, Presets.recipe(name, List.of()).description()));
    }
    return ExitCode.OK;
  }

  @Command(
      name = "cp",
      description = "Writes a preset to a file, complete with defaults.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int cp(
      @Parameters(paramLabel = "PRESET", description = "Name of the preset.") String name,
      @Parameters(paramLabel = "FILE", description = "File to write.") Path file,
      @Option(names = "--overwrite", description = "Replace a file that is there.")
          boolean overwrites)
      throws IOException {
    write(file, Presets.yaml(name), overwrites);
    return ExitCode.OK;
  }

  @Command(
      name = "show",
      description = "Prints a recipe complete with defaults and changes.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int show(@Mixin RecipeWords words) {
    print(RecipeWriter.yaml(words.read()));
    return ExitCode.OK;
  }

  @Command(
      name = "validate",
      description = {
        "Checks keys, values and strategy of a recipe, all faults together.",
        "Looks at neither model nor data; dmt train --dry-run does."
      },
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int validate(@Mixin RecipeWords words) {
    Recipe recipe = words.read();
    RecipeCheck.check(recipe);
    print(
        "%s: recipe \"%s\" is valid: %s of %s%n"
            .formatted(
                words.name(),
                recipe.name(),
                recipe.strategy().name(),
                String.join(", ", recipe.sources().keySet())));
    return ExitCode.OK;
  }

  @Command(
      name = "schema",
      description = "Prints the JSON schema of recipes, for editors.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int schema() {
    print(RecipeSchema.json().toPrettyString() + "\n");
    return ExitCode.OK;
  }

  @Command(
      name = "explain",
      description = {
        "Says what a key of a recipe is: type, default, range and what it does.",
        "dmt --explain KEY is the same."
      },
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int explain(
      @Parameters(
              paramLabel = "KEY",
              arity = "0..1",
              description =
                  "Such as training.learning_rate, or its last part; all keys without it.")
          String key) {
    print(explanation(key));
    return ExitCode.OK;
  }

  /** What a key is, or a line for each key there is. */
  static String explanation(String key) {
    if (key == null) {
      return RecipeKeys.all().stream()
          .map(each -> "%-46s %s%n".formatted(each.key(), each.description()))
          .collect(Collectors.joining());
    }
    return RecipeKeys.find(key).stream().map(KeyInfo::text).collect(Collectors.joining("\n"));
  }

  @Command(
      name = "import",
      description = {
        "Writes a recipe of LLaMA-Factory, axolotl or TRL as one of ours, to standard output or a"
            + " file.",
        "What has no counterpart is listed on the error stream, and in comments of the recipe."
      },
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int importRecipe(
      @Parameters(paramLabel = "FILE", description = "The other program's YAML file.") Path file,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FILE",
              description = "File to write.")
          Path output,
      @Option(
              names = "--gpus",
              paramLabel = "N",
              defaultValue = "1",
              description = "GPUs that it was meant for; they count into a step's samples.")
          int gpus,
      @Option(
              names = "--full",
              description = "Take a recipe that trains adapters as one that trains all weights.")
          boolean full,
      @Option(names = "--overwrite", description = "Replace a file that is there.")
          boolean overwrites)
      throws IOException {
    ForeignRecipe read = ForeignRecipe.read(file, new ForeignRecipe.Options(gpus, full));
    PrintWriter err = spec.commandLine().getErr();
    if (!read.unmapped().isEmpty()) {
      err.printf("dmt: %s is a recipe of %s; not taken over as it was:%n", file, read.program());
      read.unmapped().forEach(each -> err.println("  " + each));
      err.flush();
    }
    if (output == null) {
      print(read.yaml());
    } else {
      write(output, read.yaml(), overwrites);
    }
    return ExitCode.OK;
  }

  static void write(Path file, String text, boolean overwrites) throws IOException {
    OpenOption[] options = {
      StandardOpenOption.WRITE,
      StandardOpenOption.CREATE,
      overwrites ? StandardOpenOption.TRUNCATE_EXISTING : StandardOpenOption.CREATE_NEW
    };
    try {
      FileOutput.write(file, text, options);
    } catch (FileAlreadyExistsException e) {
      throw new ConfigException(
          file + " is there already; name another file, or give --overwrite", e);
    }
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }
}
