package ai.dmt;

import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.strategies.Presets;
import ai.dmt.strategies.SchedulePlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class PlanExample {
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    Files.writeString(file, Presets.yaml("7b-dmt-1_256"));
    Recipe recipe = RecipeReader.read(file, List.of("training.global_train_batch_size=16"));
    System.out.print(SchedulePlan.of(recipe).text());
  }
}
