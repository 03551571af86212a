package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeSchema;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.run.RecipeCheck;
import ai.dmt.strategies.Presets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt recipe}: lists, copies, shows and checks recipes. Loads no native library. */
@Command(
    name = "recipe",
    description = "Lists, copies, shows and checks recipes.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class RecipeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "name what to do: ls, cp, show, validate or schema");
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
    OpenOption[] options = {
      StandardOpenOption.WRITE,
      StandardOpenOption.CREATE,
      overwrites ? StandardOpenOption.TRUNCATE_EXISTING : StandardOpenOption.CREATE_NEW
    };
    try {
      Files.writeString(file, Presets.yaml(name), options);
    } catch (FileAlreadyExistsException e) {
      throw new ConfigException(
          file + " is there already; name another file, or give --overwrite", e);
    }
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

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }
}
