package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.model.TokenLimits;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.ControlRecipe;
import ai.dmt.recipe.DataRecipe;
import ai.dmt.recipe.EngineRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.train.Corpus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Describes a {@link FineTuning}. What is not said has the defaults of a recipe: every source at
 * once, the paper's three epochs of 128 samples a step at 2e-5, vicuna_v1.1, samples cut at 2048
 * tokens or at the model's positions if it has fewer.
 */
public final class FineTuningBuilder {
  private final Path model;
  private final Map<String, SourceRecipe> sources = new LinkedHashMap<>();
  private StrategyRecipe strategy = StrategyRecipe.multiTask();
  private TrainingRecipe training = TrainingRecipe.defaults();
  private DataRecipe data;
  private EngineRecipe engine = EngineRecipe.defaults();
  private @Nullable AdapterRecipe adapter; // null: all weights are trained
  private @Nullable ControlRecipe control; // null: the mixture stays as planned
  private Path output = Path.of("");
  private String name = "run";

  FineTuningBuilder(Path model) {
    this.model = model;
    this.data = cutForModel(model);
  }

  /** A folder that is not there is a fault of the run. */
  private static DataRecipe cutForModel(Path model) {
    DataRecipe data = DataRecipe.defaults();
    int most =
        Files.isDirectory(model) ? TokenLimits.of(model).maxPositionEmbeddings() : data.cutoffLen();
    return data.withCutoffLen(Math.min(most, data.cutoffLen()));
  }

  /**
   * Adds a source of a special ability, such as mathematics.
   *
   * @param source its name in the recipe, for ledger and metrics
   * @param files read in this order; the format is told by their records
   * @return this builder
   * @throws ConfigException if there is a source of this name
   */
  public FineTuningBuilder specialized(String source, Path... files) {
    return source(source, SourceRecipe.of(Corpus.Role.SPECIALIZED, Arrays.asList(files)));
  }

  /**
   * Adds a source of general ability, such as conversations.
   *
   * @param source its name in the recipe, for ledger and metrics
   * @param files read in this order; the format is told by their records
   * @return this builder
   * @throws ConfigException if there is a source of this name
   */
  public FineTuningBuilder general(String source, Path... files) {
    return source(source, SourceRecipe.of(Corpus.Role.GENERAL, Arrays.asList(files)));
  }

  /**
   * Adds a source with settings of its own.
   *
   * @param source its name in the recipe, for ledger and metrics
   * @param settings role, files, format and share of the source
   * @return this builder
   * @throws ConfigException if there is one of this name
   */
  public FineTuningBuilder source(String source, SourceRecipe settings) {
    if (sources.putIfAbsent(source, settings) != null) {
      throw new ConfigException("there are two sources of the name " + source);
    }
    return this;
  }

  /**
   * Sets how sources become stages; all at once in one stage if it is not said.
   *
   * @param other such as {@link StrategyRecipe#dmt}
   * @return this builder
   */
  public FineTuningBuilder strategy(StrategyRecipe other) {
    strategy = other;
    return this;
  }

  /**
   * Changes how long and how fast it trains.
   *
   * @param change gets the settings so far and answers with those to use
   * @return this builder
   */
  public FineTuningBuilder training(UnaryOperator<TrainingRecipe> change) {
    training = change.apply(training);
    return this;
  }

  /**
   * Changes how samples are rendered, cut and held out.
   *
   * @param change gets the settings so far and answers with those to use
   * @return this builder
   */
  public FineTuningBuilder data(UnaryOperator<DataRecipe> change) {
    data = change.apply(data);
    return this;
  }

  /**
   * Changes how the engine computes.
   *
   * @param change gets the settings so far and answers with those to use
   * @return this builder
   */
  public FineTuningBuilder engine(UnaryOperator<EngineRecipe> change) {
    engine = change.apply(engine);
    return this;
  }

  /**
   * Trains an adapter (LoRA) in place of the model's weights.
   *
   * @param change gets {@link AdapterRecipe#defaults()}, or the settings so far, and answers with
   *     those to use
   * @return this builder
   */
  public FineTuningBuilder adapter(UnaryOperator<AdapterRecipe> change) {
    adapter = change.apply(adapter == null ? AdapterRecipe.defaults() : adapter);
    return this;
  }

  /**
   * Changes the mixture while the run trains, as held-out losses say.
   *
   * @param change gets {@link ControlRecipe#defaults()}, or the settings so far, and answers with
   *     those to use
   * @return this
   */
  public FineTuningBuilder control(UnaryOperator<ControlRecipe> change) {
    control = change.apply(control == null ? ControlRecipe.defaults() : control);
    return this;
  }

  /**
   * Sets the folder to write to; or {@code Path.of("s3://BUCKET/PREFIX")}, see {@link
   * FineTuning#workingIn}.
   *
   * @param folder made if it is not there
   * @return this builder
   */
  public FineTuningBuilder output(Path folder) {
    output = folder;
    return this;
  }

  /**
   * Sets the name of the run, for its recipe and ledger; "run" if it is not said.
   *
   * @param other not blank
   * @return this builder
   */
  public FineTuningBuilder name(String other) {
    name = other;
    return this;
  }

  /**
   * {@return the run as it has been described} Files and the output are looked at when it starts.
   *
   * @throws ConfigException if there is no source, or no output
   */
  public FineTuning build() {
    if (output.toString().isEmpty()) {
      throw new ConfigException("output is not set; name the folder to write to");
    }
    return FineTuning.of(
        new Recipe(
            name,
            "",
            model.toString(),
            RunOutput.text(output),
            sources,
            strategy,
            data,
            training,
            adapter,
            control,
            engine,
            List.of()));
  }
}
