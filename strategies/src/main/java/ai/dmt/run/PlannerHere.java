package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.model.ModelInfo;
import ai.dmt.plan.Machine;
import ai.dmt.plan.RunPlanner;
import ai.dmt.plan.SampleLengths;
import ai.dmt.recipe.Recipe;
import ai.dmt.train.ScheduleBatches;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plans for the machine that this process runs on, at the speed that was measured before if it was.
 *
 * @param planner of the recipe
 * @param machine that it plans for
 */
record PlannerHere(RunPlanner planner, Machine machine) {
  /**
   * Looks at the machine.
   *
   * @param place of one of the ranks
   * @param speeds folder of what was measured; null for none
   * @param notes told of a damaged file there, which is as if there were none
   */
  static PlannerHere of(
      Recipe recipe,
      ScheduleBatches batches,
      ModelInfo info,
      RankEnvironment place,
      @Nullable Path speeds,
      Consumer<String> notes) {
    ModelConfig model = ModelInfo.shape(info.folder());
    SampleLengths lengths = SampleLengths.of(batches.tables());
    EngineConfig config = recipe.engineConfig();
    Machine here =
        Machine.here(
            config.device().at(place.localRank()), config.computeDType(), place.localWorldSize());
    PlannerHere assumed =
        new PlannerHere(new RunPlanner(recipe, batches, model, lengths, here), here);
    if (speeds == null) {
      return assumed;
    }
    try {
      EngineConfig placed = assumed.planner.asWritten(place.worldSize()).config();
      Machine measured = here.measuredIn(speeds, model, placed);
      return new PlannerHere(new RunPlanner(recipe, batches, model, lengths, measured), measured);
    } catch (ConfigException e) {
      notes.accept(e.getMessage());
      return assumed;
    }
  }
}
