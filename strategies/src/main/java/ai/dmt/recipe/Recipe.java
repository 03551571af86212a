package ai.dmt.recipe;

import ai.dmt.config.Faults;
import ai.dmt.train.Corpus;
import ai.dmt.train.StageSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole run: model, sources, strategy and settings. All components are documented by {@link Doc},
 * which the JSON schema shows.
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
    @Doc("How the engine computes") EngineRecipe engine,
    @Doc("Values of this recipe that the paper does not state") List<String> notStated) {

  /** Checks that there are sources, and that learning-rate policy and own stages fit. */
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

  /** What is used where a recipe says nothing. */
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

  /** The sources with the sizes that the recipe states. */
  public Corpus corpus() {
    return corpus(Map.of());
  }

  /**
   * The sources for planning.
   *
   * @param counted true sizes of sources whose data was read; the others have what the recipe says
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

  /** How each stage is trained unless it says otherwise. */
  public StageSettings stageSettings() {
    return new StageSettings(
        training.numTrainEpochs(),
        training.maxSteps(),
        training.lrPolicy(),
        Optional.empty(),
        training.optimizerState());
  }

  private static <V> Map<String, V> ordered(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** A copy with another {@link #name()}. */
  public Recipe withName(String value) {
    return RecordCopy.with(this, "name", value);
  }

  /** A copy with another {@link #description()}. */
  public Recipe withDescription(String value) {
    return RecordCopy.with(this, "description", value);
  }

  /** A copy with another {@link #model()}. */
  public Recipe withModel(String value) {
    return RecordCopy.with(this, "model", value);
  }

  /** A copy with another {@link #outputDir()}. */
  public Recipe withOutputDir(String value) {
    return RecordCopy.with(this, "outputDir", value);
  }

  /** A copy with another {@link #sources()}. */
  public Recipe withSources(Map<String, SourceRecipe> value) {
    return RecordCopy.with(this, "sources", value);
  }

  /** A copy with another {@link #strategy()}. */
  public Recipe withStrategy(StrategyRecipe value) {
    return RecordCopy.with(this, "strategy", value);
  }

  /** A copy with another {@link #data()}. */
  public Recipe withData(DataRecipe value) {
    return RecordCopy.with(this, "data", value);
  }

  /** A copy with another {@link #training()}. */
  public Recipe withTraining(TrainingRecipe value) {
    return RecordCopy.with(this, "training", value);
  }

  /** A copy with another {@link #engine()}. */
  public Recipe withEngine(EngineRecipe value) {
    return RecordCopy.with(this, "engine", value);
  }

  /** A copy with another {@link #notStated()}. */
  public Recipe withNotStated(List<String> value) {
    return RecordCopy.with(this, "notStated", value);
  }
}
