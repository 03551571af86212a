package ai.dmt.recipe;

import ai.dmt.engine.EngineConfig;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import ai.dmt.train.Corpus;
import ai.dmt.train.MixtureControl;
import ai.dmt.train.SampleTable;
import ai.dmt.train.StageSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A whole run: model, sources, strategy and settings. All components are documented by {@link Doc},
 * which the JSON schema shows.
 *
 * @param name of the run; not blank
 * @param description what the run is, for people
 * @param model folder of the base model
 * @param outputDir folder that the run writes to
 * @param sources by name, in the order in which strategies go through them; at least one
 * @param strategy how sources become stages
 * @param data how samples are rendered and cut
 * @param training how long and how fast; names as Hugging Face's Trainer has them
 * @param adapter that is trained in place of the model's weights; null to train these
 * @param control what a run changes about its mixture while it trains; null for nothing
 * @param engine how the engine computes
 * @param notStated values of this recipe that the paper does not state; may be empty
 */
public record Recipe(
    @Doc("Name of the run") String name,
    @Doc("What the run is, for people") String description,
    @Doc("Folder of the base model") String model,
    @Doc("Folder that the run writes to") String outputDir,
    @Doc("Sources by name, in the order in which strategies go through them")
        Map<String, SourceRecipe> sources,
    @Doc("How sources become stages") StrategyRecipe strategy,
    @Doc("How samples are rendered and cut") DataRecipe data,
    @Doc("How long and how fast; names as Hugging Face's Trainer has them") TrainingRecipe training,
    @Doc("An adapter (LoRA) that is trained in place of the model's weights")
        @Nullable AdapterRecipe adapter,
    @Doc("What a run changes about its mixture while it trains, as held-out losses say")
        @Nullable ControlRecipe control,
    @Doc("How the engine computes") EngineRecipe engine,
    @Doc("Values of this recipe that the paper does not state") List<String> notStated) {

  /**
   * Checks that there are sources, and that learning-rate policy and own stages fit.
   *
   * @param name of the run; not blank
   * @param description what the run is, for people
   * @param model folder of the base model
   * @param outputDir folder that the run writes to
   * @param sources by name, in the order in which strategies go through them; at least one
   * @param strategy how sources become stages
   * @param data how samples are rendered and cut
   * @param training how long and how fast; names as Hugging Face's Trainer has them
   * @param adapter that is trained in place of the model's weights; null to train these
   * @param control what a run changes about its mixture while it trains; null for nothing
   * @param engine how the engine computes
   * @param notStated values of this recipe that the paper does not state; may be empty
   */
  public Recipe {
    sources = sources == null ? Map.of() : ordered(sources);
    notStated = notStated == null ? List.of() : List.copyOf(notStated);
    new Faults("recipe")
        .require(name != null && !name.isBlank(), "name must not be blank")
        .require(!sources.isEmpty(), "sources must name at least one source")
        .present("strategy", strategy)
        .present("data", data)
        .present("training", training)
        .present("engine", engine)
        .throwIfAny();
  }

  /** {@return what is used where a recipe says nothing, by component; the sources must be said} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", "run");
    values.put("description", "");
    values.put("model", "");
    values.put("outputDir", "");
    values.put("strategy", StrategyRecipe.named("multi-task"));
    values.put("data", DataRecipe.defaults());
    values.put("training", TrainingRecipe.defaults());
    values.put("engine", EngineRecipe.defaults());
    values.put("notStated", List.of());
    return values;
  }

  /**
   * {@return the sources with the sizes that the recipe states}
   *
   * @throws ai.dmt.config.ConfigException if a size is not stated
   */
  public Corpus corpus() {
    return corpus(Map.of());
  }

  /**
   * {@return the sources with their roles, sizes and shares, for planning}
   *
   * @param counted true sizes in samples of sources whose data was read, by name; the others have
   *     what the recipe says
   * @throws ai.dmt.config.ConfigException if a size is neither counted nor stated
   */
  public Corpus corpus(Map<String, Integer> counted) {
    Faults faults = new Faults("recipe \"" + name + "\"");
    sources.forEach(
        (source, each) ->
            faults.require(
                counted.containsKey(source) || each.samples() > 0,
                "sources.%s.samples is not stated, so the source's data is needed"
                    .formatted(source)));
    faults.throwIfAny();
    return new Corpus(
        sources.entrySet().stream()
            .map(
                each ->
                    new Corpus.Entry(
                        each.getKey(),
                        each.getValue().role(),
                        counted.getOrDefault(each.getKey(), each.getValue().samples()),
                        each.getValue().fraction()))
            .toList());
  }

  /**
   * {@return the samples that would be trained on by the sizes that the recipe states: those of
   * {@link #corpus()}, without the share that is held out}
   *
   * @throws ai.dmt.config.ConfigException if a size is not stated
   */
  public List<SampleTable> statedTables() {
    Map<String, Integer> trained = new LinkedHashMap<>();
    sources.forEach(
        (source, each) -> {
          if (each.samples() > 0 && each.heldOut().isEmpty()) {
            trained.put(
                source, each.samples() - DataRecipe.heldOutOf(each.samples(), data.evalFraction()));
          }
        });
    return corpus(trained).tables();
  }

  /** {@return how each stage is trained unless it says otherwise} */
  public StageSettings stageSettings() {
    return new StageSettings(
        training.numTrainEpochs(),
        training.maxSteps(),
        training.lrPolicy(),
        Optional.empty(),
        training.optimizerState(),
        adapter == null ? StageSettings.NextAdapter.CONTINUE : adapter.stages());
  }

  /**
   * {@return what a run may decide about its mixture; nothing where there is no section control}
   */
  public MixtureControl mixtureControl() {
    return control == null ? MixtureControl.OFF : control.mixtureControl();
  }

  /**
   * {@return the configuration of an engine that trains, for one process; a run puts in the ranks}
   */
  public EngineConfig engineConfig() {
    EngineConfig config = engine.engineConfig(List.copyOf(sources.keySet()));
    return adapter == null ? config : adapter.engineConfig(config, training.seed());
  }

  private static <V> Map<String, V> ordered(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /**
   * {@return a copy with another {@link #name()}}
   *
   * @param value name of the run; not blank
   */
  public Recipe withName(String value) {
    return RecordCopy.with(this, "name", value);
  }

  /**
   * {@return a copy with another {@link #description()}}
   *
   * @param value what the run is, for people
   */
  public Recipe withDescription(String value) {
    return RecordCopy.with(this, "description", value);
  }

  /**
   * {@return a copy with another {@link #model()}}
   *
   * @param value folder of the base model
   */
  public Recipe withModel(String value) {
    return RecordCopy.with(this, "model", value);
  }

  /**
   * {@return a copy with another {@link #outputDir()}}
   *
   * @param value folder that the run writes to
   */
  public Recipe withOutputDir(String value) {
    return RecordCopy.with(this, "outputDir", value);
  }

  /**
   * {@return a copy with another {@link #sources()}}
   *
   * @param value sources by name, in the order in which strategies go through them; at least one
   */
  public Recipe withSources(Map<String, SourceRecipe> value) {
    return RecordCopy.with(this, "sources", value);
  }

  /**
   * {@return a copy with another {@link #strategy()}}
   *
   * @param value how sources become stages
   */
  public Recipe withStrategy(StrategyRecipe value) {
    return RecordCopy.with(this, "strategy", value);
  }

  /**
   * {@return a copy with another {@link #data()}}
   *
   * @param value how samples are rendered and cut
   */
  public Recipe withData(DataRecipe value) {
    return RecordCopy.with(this, "data", value);
  }

  /**
   * {@return a copy with another {@link #training()}}
   *
   * @param value how long and how fast; names as Hugging Face's Trainer has them
   */
  public Recipe withTraining(TrainingRecipe value) {
    return RecordCopy.with(this, "training", value);
  }

  /**
   * {@return a copy with another {@link #adapter()}}
   *
   * @param value that is trained in place of the model's weights; null to train these
   */
  public Recipe withAdapter(@Nullable AdapterRecipe value) {
    return RecordCopy.with(this, "adapter", value);
  }

  /**
   * {@return a copy with another {@link #control()}}
   *
   * @param value what a run changes about its mixture while it trains; null for nothing
   */
  public Recipe withControl(@Nullable ControlRecipe value) {
    return RecordCopy.with(this, "control", value);
  }

  /**
   * {@return a copy with another {@link #engine()}}
   *
   * @param value how the engine computes
   */
  public Recipe withEngine(EngineRecipe value) {
    return RecordCopy.with(this, "engine", value);
  }

  /**
   * {@return a copy with another {@link #notStated()}}
   *
   * @param value values of this recipe that the paper does not state; may be empty
   */
  public Recipe withNotStated(List<String> value) {
    return RecordCopy.with(this, "notStated", value);
  }
}
