package ai.dmt.recipe;

import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.Measure;
import ai.dmt.train.Mixture;
import ai.dmt.train.Portion;
import ai.dmt.train.Stage;
import ai.dmt.train.StageSettings;
import ai.dmt.train.StageSettings.LearningRatePolicy;
import ai.dmt.train.StageSettings.NextAdapter;
import ai.dmt.train.StageSettings.OptimizerState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stage that a recipe writes out. What it leaves out is as in the recipe's training section.
 *
 * @param name of the stage; not blank
 * @param sources what is taken of each source, by its name; at least one
 * @param measure what amounts are counted in
 * @param total all weighted sources together, in the measure; 0 for as much as there is
 * @param replacement whether a source that is too small is gone through again
 * @param numTrainEpochs epochs of this stage; null for the recipe's
 * @param maxSteps most optimizer steps of this stage; null for the recipe's
 * @param learningRate peak of the learning rate of this stage; null for the recipe's
 * @param lrPolicy restart, or continue the course of the stage before; null for the recipe's
 * @param optimizerState reset or carry, of the moments; null for the recipe's
 * @param adapter what the next stage begins with; null for the recipe's
 */
public record StageRecipe(
    @Doc("Name of the stage") String name,
    @Doc("What is taken of each source; a number alone is a fraction")
        Map<String, AmountRecipe> sources,
    @Doc("What amounts are counted in") Measure measure,
    @Doc("All weighted sources together, in the measure; 0 for as much as there is")
        @Range("[0, inf)")
        long total,
    @Doc("Whether a source that is too small is gone through again") boolean replacement,
    @Doc("Epochs of this stage") @Nullable Integer numTrainEpochs,
    @Doc("Most optimizer steps of this stage") @Nullable Long maxSteps,
    @Doc("Peak of the learning rate of this stage") @Nullable Double learningRate,
    @Doc("restart, or continue the course of the stage before") @MayBeAbsent
        @Nullable LearningRatePolicy lrPolicy,
    @Doc("reset or carry") @MayBeAbsent @Nullable OptimizerState optimizerState,
    @Doc("What the next stage begins with, where an adapter is trained: continue, merge or new")
        @MayBeAbsent
        @Nullable NextAdapter adapter) {
  /**
   * Checks that there are sources; copies the map.
   *
   * @param name of the stage; not blank
   * @param sources what is taken of each source, by its name; at least one
   * @param measure what amounts are counted in
   * @param total all weighted sources together, in the measure; 0 for as much as there is
   * @param replacement whether a source that is too small is gone through again
   * @param numTrainEpochs epochs of this stage; null for the recipe's
   * @param maxSteps most optimizer steps of this stage; null for the recipe's
   * @param learningRate peak of the learning rate of this stage; null for the recipe's
   * @param lrPolicy restart, or continue the course of the stage before; null for the recipe's
   * @param optimizerState reset or carry, of the moments; null for the recipe's
   * @param adapter what the next stage begins with; null for the recipe's
   */
  public StageRecipe {
    sources =
        sources == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    new Faults("stage")
        .require(name != null && !name.isBlank(), "name must not be blank")
        .require(!sources.isEmpty(), "a stage needs at least one source")
        .present("measure", measure)
        .notNegative("total", total)
        .throwIfAny();
  }

  /**
   * {@return what is used where a recipe says nothing, by component; name and sources must be said}
   */
  public static Map<String, Object> defaults() {
    return Map.of("measure", Measure.SAMPLES, "total", 0L, "replacement", false);
  }

  /**
   * {@return a stage that goes once through so much data, through small sources again}
   *
   * @param name of the stage; not blank
   * @param sources weights, by the names of sources
   * @param measure what the total is counted in
   * @param total of all sources together, above 0
   */
  public static StageRecipe ofTotal(
      String name, Map<String, AmountRecipe> sources, Measure measure, long total) {
    return new StageRecipe(name, sources, measure, total, true, 1, null, null, null, null, null);
  }

  /**
   * {@return a copy with another {@link #learningRate()}}
   *
   * @param value peak of this stage; null for the recipe's
   */
  public StageRecipe withLearningRate(@Nullable Double value) {
    return RecordCopy.with(this, "learningRate", value);
  }

  /**
   * {@return the stage, with what it leaves out taken from the recipe}
   *
   * @param standard settings of the recipe
   * @param course learning rate of the recipe, whose shape a peak of the stage's own takes
   */
  public Stage stage(StageSettings standard, LearningRateConfig course) {
    Mixture mixture =
        new Mixture(
            sources.entrySet().stream()
                .map(each -> new Portion(each.getKey(), each.getValue().amount()))
                .toList(),
            measure,
            total,
            replacement ? Mixture.Draw.WITH_REPLACEMENT : Mixture.Draw.WITHOUT_REPLACEMENT);
    Optional<LearningRateConfig> own =
        learningRate == null
            ? Optional.empty()
            : Optional.of(
                new LearningRateConfig(
                    course.kind(),
                    learningRate,
                    Math.min(course.floor(), learningRate),
                    course.warmupRatio(),
                    course.warmupSteps()));
    return new Stage(
        name,
        mixture,
        new StageSettings(
            numTrainEpochs == null ? standard.epochs() : numTrainEpochs,
            maxSteps == null ? standard.maxSteps() : maxSteps,
            lrPolicy == null ? standard.learningRatePolicy() : lrPolicy,
            own,
            optimizerState == null ? standard.optimizerState() : optimizerState,
            adapter == null ? standard.nextAdapter() : adapter));
  }
}
