package ai.dmt.run;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.provenance.Provenance;
import ai.dmt.provenance.SourceShare;
import ai.dmt.provenance.Verification;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.train.checkpoint.CheckpointFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
   * {@return whether all steps of a run are done}
   *
   * @param run output folder of a run
   */
  public static boolean isFinished(Path run) {
    return Files.exists(run.resolve(FinishedRun.NAME));
  }

  /**
   * {@return why a run has failed; empty if it has not}
   *
   * @param run output folder of a run
   * @throws IOException if that cannot be read
   */
  public static Optional<String> failure(Path run) throws IOException {
    return RunFailure.read(run);
  }

  /**
   * {@return the file that is locked by the process that works on a run; gone when it has ended,
   * unless it was killed}
   *
   * @param run output folder of a run
   */
  public static Path lockFile(Path run) {
    return run.resolve(OutputLock.NAME);
  }

  /**
   * {@return the file with what was planned of a run, and what was measured once it has ended}
   *
   * @param run output folder of a run
   */
  public static Path planFile(Path run) {
    return run.resolve(PlanCheck.FILE);
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
    List<Path> stages = stages(run);
    if (stages.isEmpty()) {
      throw new ConfigException(
          "%s has no model of a stage in %s"
              .formatted(run, run.resolve(ScheduleRun.STAGES_FOLDER)));
    }
    stages.forEach(folder -> models.put(folder.getFileName().toString(), folder));
    return models;
  }

  /** The models after each stage that is done, in their order. */
  static List<Path> stages(Path run) {
    Path stages = run.resolve(ScheduleRun.STAGES_FOLDER);
    if (!Files.isDirectory(stages)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(stages)) {
      return folders
          .filter(folder -> STAGE.matcher(folder.getFileName().toString()).matches())
          .sorted(Comparator.comparingInt(RunFolder::stage))
          .toList();
    } catch (IOException e) {
      throw new ConfigException(stages + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Compares a run's output, or the folder of a model that a run saved, with the record of what it
   * was made of: what {@code dmt verify} does, for programs. All files, data and base are read.
   *
   * @param folder output of a run, one of its stages, a checkpoint or an exported model
   * @return what has changed
   * @throws ConfigException if the folder has no record, or the record is damaged
   * @throws IOException if a folder cannot be read
   */
  public static Verification verify(Path folder) throws IOException {
    Provenance record = Provenance.read(folder);
    Path recipe = folder.resolve(ScheduleRun.RECIPE_FILE);
    boolean expected =
        Files.exists(recipe) || Files.exists(folder.resolve(ScheduleRun.LEDGER_FILE));
    return Verification.of(
        folder,
        record,
        expected
            ? new Verification.Settings(
                recipe,
                complete(record.recipe()),
                () -> RecipeWriter.json(RecipeReader.read(recipe, List.of())))
            : null,
        savedModels(folder, record));
  }

  /** A record of an older version lacks the settings that came later. */
  private static JsonNode complete(JsonNode recipe) {
    try {
      return RecipeWriter.json(RecipeReader.parse(recipe.toString(), Provenance.NAME, List.of()));
    } catch (ConfigException e) {
      return recipe; // of a version with other keys: each shows as a change
    }
  }

  /** A finished run has a model for each stage; the folder of a stage has its own. */
  private static Map<String, Path> savedModels(Path folder, Provenance record) throws IOException {
    Map<String, Path> models = new LinkedHashMap<>();
    boolean finished = Files.exists(folder.resolve(FinishedRun.NAME));
    boolean checkpoint = isCheckpoint(folder);
    if (finished || (!checkpoint && holdsModel(folder, record))) {
      models.put("model", folder);
    }
    List<String> stages = record.shares().stream().map(SourceShare::stage).distinct().toList();
    for (int s = 0; s < stages.size(); s++) {
      Path stage = ScheduleRun.stageFolder(folder, s, stages.get(s));
      if (finished || Files.isDirectory(stage)) {
        models.put("stage " + stages.get(s), stage);
      }
    }
    return models;
  }

  private static boolean isCheckpoint(Path folder) throws IOException {
    return CheckpointFolder.find(folder).contains(folder);
  }

  /** A record with a stage is a model's, even if all else of the model is gone. */
  private static boolean holdsModel(Path folder, Provenance record) {
    return Files.exists(folder.resolve("config.json"))
        || AdapterFolder.isAdapter(folder)
        || !record.stage().isEmpty();
  }

  private static int stage(Path folder) {
    Matcher name = STAGE.matcher(folder.getFileName().toString());
    return name.matches() ? Integer.parseInt(name.group(1)) : 0;
  }
}
