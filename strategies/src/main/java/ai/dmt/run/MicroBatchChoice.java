package ai.dmt.run;

import ai.dmt.dist.RankEnvironment;
import ai.dmt.internal.text.Units;
import ai.dmt.model.ModelInfo;
import ai.dmt.plan.Placement;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The number that {@code max_tokens_per_micro_batch: auto} stands for in a run. Rank 0 chooses when
 * the run begins; a run that goes on keeps its number.
 *
 * @param maxTokens of a micro-batch
 * @param reason why, for people
 */
record MicroBatchChoice(int maxTokens, String reason) {
  static boolean isOpen(Recipe recipe) {
    return recipe.training().maxTokensPerMicroBatch() == TrainingRecipe.AUTO;
  }

  /**
   * That of rank 0; empty where the recipe has a number.
   *
   * @param speeds folder of what was measured before; null for none
   * @param notes told of a damaged file there
   * @throws ai.dmt.config.ConfigException if no size fits
   * @throws IOException if a checkpoint cannot be read
   */
  static Optional<MicroBatchChoice> of(
      PreparedSchedule prepared, RunRank rank, @Nullable Path speeds, Consumer<String> notes)
      throws IOException {
    if (!isOpen(prepared.recipe())) {
      return Optional.empty();
    }
    OptionalInt before = before(prepared.output(), prepared.start());
    return Optional.of(
        before.isPresent()
            ? new MicroBatchChoice(before.getAsInt(), "the run has had it from its beginning")
            : planned(
                prepared.recipe(),
                prepared.batches(),
                prepared.model(),
                rank.place(),
                speeds,
                notes));
  }

  String text() {
    return "max_tokens_per_micro_batch=%s (auto): %s".formatted(maxTokens, reason);
  }

  /** That of a run that begins here. @param place of one of its ranks */
  static MicroBatchChoice planned(
      Recipe recipe,
      ScheduleBatches batches,
      ModelInfo info,
      RankEnvironment place,
      @Nullable Path speeds,
      Consumer<String> notes) {
    PlannerHere here = PlannerHere.of(recipe, batches, info, place, speeds, notes);
    Placement best = here.planner().microBatch(place.worldSize());
    return new MicroBatchChoice(
        best.maxTokens(),
        Units.format(
            "the smallest that is as fast as any that fits, %s micro-batches a step and %s of %s;"
                + " %s",
            best.microBatches(),
            Units.bytes(best.memory().total()),
            Units.bytes(best.available()),
            here.machine().speed().basis()));
  }

  /** That of the run that goes on; empty if it begins. */
  private static OptionalInt before(Path output, RunStart start) throws IOException {
    for (Path recipe : recipesBefore(output, start)) {
      if (Files.isRegularFile(recipe)) {
        Recipe run = RecipeReader.read(recipe, List.of());
        if (!isOpen(run)) {
          return OptionalInt.of(run.training().maxTokensPerMicroBatch());
        }
      }
    }
    return OptionalInt.empty();
  }

  /** Where a run has left its number, the newest first. */
  private static List<Path> recipesBefore(Path output, RunStart start) throws IOException {
    List<Path> recipes = new ArrayList<>();
    if (start.isAuto()) {
      CheckpointFolder checkpoints = CheckpointFolder.of(output);
      for (long step : checkpoints.steps()) {
        recipes.add(checkpoints.of(step).resolve(ScheduleRun.RECIPE_FILE));
      }
      if (FinishedRun.isThere(output, start)) {
        recipes.add(output.resolve(ScheduleRun.RECIPE_FILE));
      }
    } else if (start.resumes()) {
      recipes.add(start.checkpoint().resolve(ScheduleRun.RECIPE_FILE));
    }
    return recipes;
  }
}
