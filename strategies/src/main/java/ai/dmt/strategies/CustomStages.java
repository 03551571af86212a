package ai.dmt.strategies;

import ai.dmt.config.ConfigException;
import ai.dmt.recipe.StageRecipe;
import ai.dmt.train.Corpus;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;
import java.util.List;

/**
 * Stages as a recipe writes them out. Amounts are of the whole source: the sources' own {@code
 * fraction} is not applied to them.
 *
 * @param stages at least one
 * @param learningRate course that a stage with a peak of its own takes the shape from
 */
public record CustomStages(List<StageRecipe> stages, LearningRateConfig learningRate)
    implements MixingStrategy {
  /**
   * Checks that there is a stage.
   *
   * @param stages at least one
   * @param learningRate course that a stage with a peak of its own takes the shape from
   */
  public CustomStages {
    stages = stages == null ? List.of() : List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new ConfigException("strategy custom needs stages, a list of at least one stage");
    }
  }

  @Override
  public Schedule plan(Corpus corpus, PlanSettings settings) {
    for (StageRecipe stage : stages) {
      stage.sources().keySet().forEach(name -> Sources.named(corpus, name));
    }
    return settings.schedule(
        stages.stream()
            .map(stage -> stage.stage(settings.stage(), learningRate))
            .toArray(Stage[]::new));
  }
}
