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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
              BaseModel.writeAll(fresh);
            });
      }
    } finally {
      lock.close();
    }
    return located(study, target);
  }

  private static boolean isWhole(Path target, World world) throws IOException {
    return WorldFiles.areIn(target, world) && BaseModel.areIn(target);
  }

  /** A model of the user's own stays; the bundled sizes are not its sizes. */
  private static StudyDefinition located(StudyDefinition study, Path target) {
    boolean own = !study.recipe().model().isBlank();
    StudyDefinition placed =
        study.withDataDir(target.toString()).withSizes(sizes(study.sizes(), target, own));
    if (own) {
      return StudyPresets.located(placed);
    }
    String model = "model=\"%s\"".formatted(target.resolve(BASE));
    return StudyPresets.located(
        placed.with(
            RecipeReader.parse(
                RecipeWriter.yaml(study.recipe()), "study " + study.name(), List.of(model)),
            study.benchmarks()));
  }

  private static @Nullable SizesRecipe sizes(
      @Nullable SizesRecipe sizes, Path target, boolean ownModel) {
    if (sizes == null) {
      return null;
    }
    Map<String, String> models = new LinkedHashMap<>(sizes.models());
    boolean bundled = models.values().removeIf(BaseModel.sizes()::contains);
    if (bundled && ownModel) {
      return models.size() > 1 ? sizes.withModels(models) : null;
    }
    models.clear();
    sizes
        .models()
        .forEach(
            (name, model) ->
                models.put(
                    name,
                    BaseModel.sizes().contains(model)
                        ? target.resolve(BaseModel.folder(model)).toString()
                        : model));
    return sizes.withModels(models);
  }
}
