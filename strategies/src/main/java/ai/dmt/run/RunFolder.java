package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.recipe.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a run of a recipe has left in its folder. */
public final class RunFolder {
  /** Name of the model that a run started from. */
  public static final String BASE = "base";

  private static final Pattern STAGE = Pattern.compile("(\\d+)-.+");

  private RunFolder() {}

  /**
   * {@return the recipe's file of a run, as it was saved in its folder}
   *
   * @param run output folder of {@code dmt train RECIPE}
   * @throws ConfigException if there is none
   */
  public static Path recipeFile(Path run) {
    Path file = run.resolve(ScheduleRun.RECIPE_FILE);
    if (!Files.exists(file)) {
      throw new ConfigException(
          "%s is no run of dmt train RECIPE: it has no %s".formatted(run, ScheduleRun.RECIPE_FILE));
    }
    return file;
  }

  /**
   * {@return the models of a run by name: the one it started from if it is still there, then one a
   * stage}
   *
   * @param run output folder of {@code dmt train RECIPE}
   * @throws ConfigException if no stage is there
   */
  public static Map<String, Path> models(Path run) {
    Map<String, Path> models = new LinkedHashMap<>();
    Path base = Path.of(RecipeReader.read(recipeFile(run), List.of()).model());
    if (Files.isDirectory(base)) {
      models.put(BASE, base);
    }
    Path stages = run.resolve(ScheduleRun.STAGES_FOLDER);
    int before = models.size();
    if (Files.isDirectory(stages)) {
      try (Stream<Path> folders = Files.list(stages)) {
        folders
            .filter(folder -> STAGE.matcher(folder.getFileName().toString()).matches())
            .sorted(Comparator.comparingInt(RunFolder::stage))
            .forEach(folder -> models.put(folder.getFileName().toString(), folder));
      } catch (IOException e) {
        throw new ConfigException(stages + " cannot be read: " + e.getMessage(), e);
      }
    }
    if (models.size() == before) {
      throw new ConfigException("%s has no model of a stage in %s".formatted(run, stages));
    }
    return models;
  }

  private static int stage(Path folder) {
    Matcher name = STAGE.matcher(folder.getFileName().toString());
    return name.matches() ? Integer.parseInt(name.group(1)) : 0;
  }
}
