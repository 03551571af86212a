package ai.dmt.study;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.world.BaseModel;
import ai.dmt.world.World;
import ai.dmt.world.WorldFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Puts the bundled world's rows, problems and base model where a study of it reads them. */
public final class StudyWorld {
  private static final String BASE = "base";

  private StudyWorld() {}

  /**
   * Writes the files unless they are there. A study that was begun keeps what it was begun with.
   *
   * @param study with or without a world
   * @param folder of the study
   * @return the study with those files; the same study if it is not of the world
   * @throws IOException if the files cannot be written
   */
  public static StudyDefinition place(StudyDefinition study, StudyFolder folder)
      throws IOException {
    WorldRecipe recipe = study.world();
    if (recipe == null) {
      return study;
    }
    Path target = folder.root().resolve("world");
    TaskLock lock = TaskLock.acquire(folder.lock("world"));
    try {
      World world = recipe.world();
      if (!Files.exists(folder.study()) && !isWhole(target, world)) {
        ModelFolder.write(
            target,
            fresh -> {
              WorldFiles.write(world, fresh);
              BaseModel.write(Files.createDirectory(fresh.resolve(BASE)));
            });
      }
    } finally {
      lock.close();
    }
    return located(study, target);
  }

  private static boolean isWhole(Path target, World world) throws IOException {
    return WorldFiles.areIn(target, world) && BaseModel.isIn(target.resolve(BASE));
  }

  /** A model of the user's own stays. */
  private static StudyDefinition located(StudyDefinition study, Path target) {
    StudyDefinition placed = study.withDataDir(target.toString());
    if (!study.recipe().model().isBlank()) {
      return StudyPresets.located(placed);
    }
    String model = "model=\"%s\"".formatted(target.resolve(BASE));
    return StudyPresets.located(
        placed.with(
            RecipeReader.parse(
                RecipeWriter.yaml(study.recipe()), "study " + study.name(), List.of(model)),
            study.benchmarks()));
  }
}
