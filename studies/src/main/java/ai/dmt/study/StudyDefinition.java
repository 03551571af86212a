package ai.dmt.study;

import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.TimeSpan;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.StageSettings;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a study is made of. Its cells follow from it, see {@link StudyCells}.
 *
 * @param name of the preset
 * @param description for people
 * @param recipe what all cells share: model, sources, data, training and engine. Strategy,
 *     fractions and seeds are each cell's own
 * @param world the bundled world that the data come from; null where all files are the user's own
 * @param dataDir folder that relative files of sources and benchmarks are in; empty for the current
 * @param seeds how often each cell is trained: with the recipe's seeds, the next ones, and so on
 * @param amounts shares of sources for RQ1 and RQ2, in (0, 1]
 * @param ratios shares of RQ3, in (0, 1]; empty for those of the amounts
 * @param dmtK shares k for the sweep of DMT, in [0, 1]
 * @param headlineK k of DMT among the strategies
 * @param ratioGeneral share of the general sources in RQ3's third set-up
 * @param once groups of cells that are trained with the first seed alone
 * @param matched whether controls of as many steps or tokens are trained, see docs/study.md
 * @param grid amounts of the ratio x amount grid
 * @param sizes models of other sizes; null where the study has its own model alone
 * @param lora adapters that are trained beside all weights; null for none
 * @param mixtures strategies of the user's own, by name
 * @param benchmarks by name of their evaluator
 * @param equalAmounts shares of RQ2 whose mixture is also trained with the same number of samples
 *     of each source, in (0, 1]
 * @param filtered mixtures whose general sources are without some topics; null for none
 * @param apart words of questions that "all" does not mean
 * @param stageScores for how many seeds the models between the stages of strategies are scored, too
 * @param baseText texts that the base model writes, whose loss is measured as that of a source
 *     "base" that nothing is trained on; 0 for none
 * @param tokensPerSample mean length by source, to plan without data
 * @param tokensPerSecond speed of one job's training, to predict times; 0 if not known
 * @param cost GPUs to predict hours for; null for none
 */
public record StudyDefinition(
    String name,
    String description,
    Recipe recipe,
    @Nullable WorldRecipe world,
    String dataDir,
    int seeds,
    List<Double> amounts,
    List<Double> ratios,
    List<Double> dmtK,
    double headlineK,
    double ratioGeneral,
    List<String> once,
    boolean matched,
    GridRecipe grid,
    @Nullable SizesRecipe sizes,
    @Nullable LoraRecipe lora,
    Map<String, StrategyRecipe> mixtures,
    Map<String, BenchmarkRecipe> benchmarks,
    List<Double> equalAmounts,
    @Nullable FilteredRecipe filtered,
    List<String> apart,
    int stageScores,
    int baseText,
    Map<String, Double> tokensPerSample,
    double tokensPerSecond,
    @Nullable CostRecipe cost) {
  /** Name of {@link #baseText()} among the sources whose loss is measured. */
  public static final String BASE_TEXT = "base";

  private static final Pattern MIXTURE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._=/+-]*");

  /**
   * Checks ranges, and that stages can be trained one by one.
   *
   * @param name of the preset
   * @param description for people
   * @param recipe what all cells share: model, sources, data, training and engine. Strategy,
   *     fractions and seeds are each cell's own
   * @param world the bundled world that the data come from; null where all files are the user's own
   * @param dataDir folder that relative files of sources and benchmarks are in; empty for the
   *     current
   * @param seeds how often each cell is trained: with the recipe's seeds, the next ones, and so on
   * @param amounts shares of sources for RQ1 and RQ2, in (0, 1]
   * @param ratios shares of RQ3, in (0, 1]; empty for those of the amounts
   * @param dmtK shares k for the sweep of DMT, in [0, 1]
   * @param headlineK k of DMT among the strategies
   * @param ratioGeneral share of the general sources in RQ3's third set-up
   * @param once groups of cells that are trained with the first seed alone
   * @param matched whether controls of as many steps or tokens are trained, see docs/study.md
   * @param grid amounts of the ratio x amount grid
   * @param sizes models of other sizes; null where the study has its own model alone
   * @param lora adapters that are trained beside all weights; null for none
   * @param mixtures strategies of the user's own, by name
   * @param benchmarks by name of their evaluator
   * @param equalAmounts shares of RQ2 whose mixture is also trained with the same number of samples
   *     of each source, in (0, 1]
   * @param filtered mixtures whose general sources are without some topics; null for none
   * @param apart words of questions that "all" does not mean
   * @param stageScores for how many seeds the models between the stages of strategies are scored,
   *     too
   * @param baseText texts that the base model writes, whose loss is measured as that of a source
   *     "base" that nothing is trained on; 0 for none
   * @param tokensPerSample mean length by source, to plan without data
   * @param tokensPerSecond speed of one job's training, to predict times; 0 if not known
   * @param cost GPUs to predict hours for; null for none
   */
  public StudyDefinition {
    amounts = amounts == null ? List.of() : List.copyOf(amounts);
    ratios = ratios == null || ratios.isEmpty() ? amounts : List.copyOf(ratios);
    dmtK = dmtK == null ? List.of() : List.copyOf(dmtK);
    once = once == null ? List.of() : List.copyOf(once);
    equalAmounts = equalAmounts == null ? List.of() : List.copyOf(equalAmounts);
    grid = grid == null ? GridRecipe.none() : grid;
    apart = apart == null ? List.of() : List.copyOf(apart);
    mixtures = ordered(mixtures);
    benchmarks = ordered(benchmarks);
    tokensPerSample = ordered(tokensPerSample);
    Faults faults =
        new Faults("study")
            .require(name != null && !name.isBlank(), "name must not be blank")
            .present("recipe", recipe)
            .positive("seeds", seeds)
            .require(!amounts.isEmpty(), "amounts must name at least one share")
            .require(!dmtK.isEmpty(), "dmt_k must name at least one share")
            .require(different(dmtK), "dmt_k must differ, got " + dmtK)
            .notNegative("stage_scores", stageScores)
            .notNegative("base_text", baseText)
            .inRange("headline_k", headlineK, 0, 1)
            .require(
                ratioGeneral > 0 && ratioGeneral <= 1,
                "ratio_general must be in (0, 1], got " + ratioGeneral)
            .notNegative("tokens_per_second", tokensPerSecond);
    checkShares(faults, "amounts", amounts);
    checkShares(faults, "ratios", ratios);
    checkShares(faults, "equal_amounts", equalAmounts);
    apart.forEach(
        each ->
            faults.require(
                StudyQuestion.words().contains(each),
                "apart: \"%s\" is none of %s"
                    .formatted(each, String.join(", ", StudyQuestion.words()))));
    mixtures
        .keySet()
        .forEach(
            each ->
                faults.require(
                    MIXTURE.matcher(each).matches(),
                    "mixtures: \"%s\" must be a name of letters, digits and . _ = / + -"
                        .formatted(each)));
    dmtK.forEach(
        each -> faults.require(each >= 0 && each <= 1, "dmt_k must be in [0, 1], got " + each));
    if (recipe != null) {
      StageSettings stage = recipe.stageSettings();
      // A node begins with a saved model, which has neither moments nor a place in a course.
      faults
          .require(
              stage.optimizerState() == StageSettings.OptimizerState.RESET,
              "recipe.training.optimizer_state must be reset: a study's stages are shared")
          .require(
              stage.learningRatePolicy() == StageSettings.LearningRatePolicy.RESTART,
              "recipe.training.lr_policy must be restart: a study's stages are shared")
          .require(
              recipe.training().maxTokensPerMicroBatch() != TrainingRecipe.AUTO,
              "recipe.training.max_tokens_per_micro_batch must be a number, not auto: stages that are"
                  + " compared are cut alike on every machine; dmt plan says which is fast")
          .require(
              TimeSpan.parse(recipe.training().maxTime()).orElseThrow().isZero(),
              "recipe.training.max_time must be 0: a stage is trained to its end; a study that is"
                  + " killed goes on where it was");
      faults.require(
          recipe.control() == null,
          "recipe.control decides within a run, and a study's stages are shared; leave it out"
              + " (~control)");
      faults.require(
          lora == null || recipe.adapter() == null,
          "lora trains adapters beside all weights, so the recipe must have no section adapter; leave lora out (~lora) to train"
              + " adapters alone");
      faults.require(
          baseText == 0 || !recipe.sources().containsKey(BASE_TEXT),
          "base_text is measured as a source of the name \"%s\", and the recipe has one of that name"
              .formatted(BASE_TEXT));
      if (filtered != null) {
        filtered.check(faults, recipe);
      }
      recipe
          .sources()
          .forEach(
              (source, each) ->
                  faults.require(
                      each.fraction() == 1,
                      "recipe.sources.%s.fraction is the cells' own; take less of it with max_samples"
                          .formatted(source)));
    }
    faults.throwIfAny();
  }

  /** Demands of shares of sources that they differ and are in (0, 1]. */
  static void checkShares(Faults faults, String key, List<Double> shares) {
    faults.require(different(shares), key + " must differ, got " + shares);
    shares.forEach(
        each -> faults.require(each > 0 && each <= 1, key + " must be in (0, 1], got " + each));
  }

  /** {@return what is used where a study says nothing: the paper's grid} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("description", "");
    values.put("dataDir", "");
    values.put("seeds", 1);
    values.put("amounts", List.of(1.0, 1 / 4.0, 1 / 16.0, 1 / 64.0, 1 / 256.0));
    values.put("ratios", List.of());
    values.put("once", List.of());
    values.put("matched", false);
    values.put("grid", GridRecipe.none());
    values.put("dmtK", List.of(0.0, 1 / 256.0, 1 / 64.0, 1 / 16.0, 1 / 4.0, 1.0));
    values.put("headlineK", 1 / 256.0);
    values.put("ratioGeneral", 1 / 64.0);
    values.put("mixtures", Map.of());
    values.put("benchmarks", Map.of());
    values.put("equalAmounts", List.of());
    values.put("apart", List.of());
    values.put("stageScores", 1);
    values.put("baseText", 0);
    values.put("tokensPerSample", Map.of());
    values.put("tokensPerSecond", 0.0);
    return values;
  }

  /**
   * {@return the questions that a word means}
   *
   * @param word name of a question, or "all" for all that are not {@link #apart()}
   * @throws ai.dmt.config.ConfigException if there is no such question
   */
  public List<StudyQuestion> asked(String word) {
    return StudyQuestion.parse(word).stream()
        .filter(question -> word.equals(question.word()) || !apart.contains(question.word()))
        .toList();
  }

  /** Whether there are specialized and general sources, which DMT and the ratios of RQ3 need. */
  boolean hasBothRoles() {
    return recipe.sources().values().stream().map(SourceRecipe::role).distinct().count() > 1;
  }

  /** A copy with more or fewer {@link #seeds()}. */
  StudyDefinition withSeeds(int number) {
    return RecordCopy.with(this, "seeds", number);
  }

  /** A copy with another {@link #dataDir()}. */
  StudyDefinition withDataDir(String folder) {
    return RecordCopy.with(this, "dataDir", folder);
  }

  /** A copy with another {@link #recipe()} and other {@link #benchmarks()}. */
  StudyDefinition with(Recipe other, Map<String, BenchmarkRecipe> scored) {
    return RecordCopy.with(RecordCopy.with(this, "recipe", other), "benchmarks", scored);
  }

  /**
   * {@return a study of mixtures alone, of which some may be so small that whole samples cannot
   * give their shares}
   *
   * @param others strategies, by name
   * @param first seeds that are left out before the first one
   * @param number of seeds
   * @param scored whether they are scored on the benchmarks
   */
  public StudyDefinition ofMixtures(
      Map<String, StrategyRecipe> others, int first, int number, boolean scored) {
    Recipe tolerant =
        RecipeReader.parse(
            RecipeWriter.yaml(recipe),
            "study " + name,
            List.of(
                "data.mixture_tolerance=1",
                "training.seed=" + (recipe.training().seed() + first),
                "training.data_seed=" + (recipe.training().dataSeed() + first)));
    return RecordCopy.with(
        RecordCopy.with(
            withSeeds(number).with(tolerant, scored ? benchmarks : Map.of()), "once", List.of()),
        "mixtures",
        others);
  }

  /**
   * {@return a copy with another {@link #baseText()}}
   *
   * @param texts that the base model writes; 0 for none
   */
  public StudyDefinition withBaseText(int texts) {
    return RecordCopy.with(this, "baseText", texts);
  }

  /** A copy with other {@link #sizes()}. */
  StudyDefinition withSizes(@Nullable SizesRecipe others) {
    return RecordCopy.with(this, "sizes", others);
  }

  private static boolean different(List<Double> values) {
    return new HashSet<>(values).size() == values.size();
  }

  private static <V> Map<String, V> ordered(@Nullable Map<String, V> map) {
    return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
