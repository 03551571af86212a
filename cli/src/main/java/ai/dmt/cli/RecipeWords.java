package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.strategies.Presets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A recipe and what is changed in it, as words of a command line. */
final class RecipeWords {
  @Parameters(index = "0", paramLabel = "RECIPE", description = "YAML file, or name of a preset.")
  private String name;

  @Parameters(
      index = "1..*",
      paramLabel = "KEY.SUB=VALUE",
      description = "Changes of the recipe, such as training.learning_rate=1e-5.")
  private List<String> overrides = List.of();

  /** Reads the recipe. */
  Recipe read() {
    return read(name, overrides);
  }

  String name() {
    return name;
  }

  /**
   * Reads a file, or a preset where there is no file of that name.
   *
   * @throws ConfigException with every fault
   */
  static Recipe read(String name, List<String> overrides) {
    Path file = Path.of(name);
    if (!Files.exists(file) && Presets.names().contains(name)) {
      return Presets.recipe(name, overrides);
    }
    if (!Files.exists(file) && !name.matches(".*([/\\\\]|\\.ya?ml$).*")) {
      throw new ConfigException(
          "there is no file and no preset \"%s\"; %s `dmt recipe ls` lists the presets"
              .formatted(
                  name,
                  NearestName.of(name, Presets.names())
                      .filter(near -> isMeant(name, near))
                      .map("did you mean %s?"::formatted)
                      .orElse("a recipe is a YAML file, or one of the presets:")));
    }
    return RecipeReader.read(file, overrides);
  }

  /** Whether a name is so near that somebody may have meant it. */
  static boolean isMeant(String typed, String near) {
    return near.contains(typed) || NearestName.distance(typed, near) <= 2 + typed.length() / 3;
  }
}
