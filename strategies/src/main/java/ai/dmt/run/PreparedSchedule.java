package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DataException;
import ai.dmt.data.Source;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.model.ModelInfo;
import ai.dmt.plan.SampleLengths;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.strategies.Strategies;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.ControlState;
import ai.dmt.train.Ledger;
import ai.dmt.train.MixtureController;
import ai.dmt.train.SampleTable;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.ScheduleTraining;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A recipe whose files have been checked, whose samples are tokens and whose schedule is made.
 * Nothing of it needs libtorch or the weights.
 *
 * @param recipe as it is run
 * @param place to write to
 * @param start what becomes of a model or checkpoints in the output
 * @param model to start from
 * @param template that samples are rendered with
 * @param tokenizer of the model; closed with this object
 * @param sources in the recipe's order
 * @param batches of the whole schedule
 * @param ledger of what the schedule asks for and gets
 */
public record PreparedSchedule(
    Recipe recipe,
    RunOutput place,
    RunStart start,
    ModelInfo model,
    ChatTemplate template,
    Tokenizer tokenizer,
    List<SourceData> sources,
    ScheduleBatches batches,
    Ledger ledger)
    implements AutoCloseable {

  /**
   * Checks what is cheap to check, all faults together, then reads the data and plans.
   *
   * @param recipe to run
   * @param place to write to
   * @param start what becomes of a model or checkpoints in the output
   * @param cache of tokenised samples
   * @param beforeData called between the two, with the engine's configuration, unless the run to go
   *     on with is finished
   * @return the run, ready to train; the caller closes it
   * @throws ConfigException if recipe, model folder, files or output are at fault
   * @throws DataException if the data is
   */
  public static PreparedSchedule of(
      Recipe recipe,
      RunOutput place,
      RunStart start,
      CacheUse cache,
      Consumer<EngineConfig> beforeData) {
    Path output = place.folder();
    List<String> faults = new ArrayList<>();
    ModelInfo model = check(recipe, place, start, faults);
    RecipeCheck.throwIfAny(faults);
    if (!FinishedRun.isThere(output, start)) { // then no engine will be needed
      beforeData.accept(recipe.engineConfig());
    }
    PreparedSources sources = // without a model there are faults
        PreparedSources.read(recipe, Objects.requireNonNull(model), cache);
    try {
      PreparedSchedule prepared = plan(recipe, place, start, sources);
      long folders = prepared.batches().stages().size(); // the last one's model is the run's
      OutputFolder.checkForRun(
          output, start, folders * bytes(model, recipe) + prepared.mergedBytes());
      return prepared;
    } catch (RuntimeException e) {
      sources.close();
      throw e;
    }
  }

  /**
   * {@return what is wrong with recipe, model folder, files or output, as far as it is seen without
   * reading the data; empty if nothing is}
   *
   * @param recipe to run
   * @param place to write to
   * @param start what becomes of a model or checkpoints in the output
   */
  public static List<String> faults(Recipe recipe, RunOutput place, RunStart start) {
    List<String> faults = new ArrayList<>();
    check(recipe, place, start, faults);
    return faults;
  }

  /** Adds faults. @return null if the model is at fault */
  private static @Nullable ModelInfo check(
      Recipe recipe, RunOutput place, RunStart start, List<String> faults) {
    Path output = place.folder();
    ModelInfo model = PreparedSources.check(recipe, faults);
    RecipeCheck.collect(
        faults, () -> OutputFolder.checkForRun(output, start, bytes(model, recipe)));
    RecipeCheck.collect(faults, () -> demandOtherPlace(recipe.model(), output));
    RecipeCheck.collect(faults, () -> AdapterCheck.checkPlace(recipe, place));
    RecipeCheck.collect(faults, () -> ControlCheck.checkPlace(recipe, place));
    RecipeCheck.collect(
        faults, () -> place.storage().ifPresent(storage -> RunStorage.check(storage, start)));
    return model;
  }

  /** {@return the folder that is written to} */
  public Path output() {
    return place.folder();
  }

  /** {@return the sources as the schedule counts them, in the recipe's order} */
  public List<SampleTable> tables() {
    return batches.tables();
  }

  /** The same with a number where the recipe says auto; closed with this one. */
  PreparedSchedule withMaxTokens(int maxTokens) {
    return new PreparedSchedule(
        recipe.withTraining(recipe.training().withMaxTokensPerMicroBatch(maxTokens)),
        place,
        start,
        model,
        template,
        tokenizer,
        sources,
        batches,
        ledger);
  }

  /**
   * Who decides about the mixtures of a run that begins; nobody where the recipe has no control.
   */
  MixtureController controller() {
    return new MixtureController(recipe.mixtureControl(), batches.schedule());
  }

  /** What the schedule asked for and gets after decisions. */
  Ledger ledger(ControlState state) {
    ScheduleBatches decided = state.decided(batches);
    return decided == batches
        ? ledger
        : Ledger.of(decided, PreparedSources.drops(sources)).withDecisions(state.decisions());
  }

  /** What all stages share; the recipe has a number of tokens by now. */
  ScheduleTraining training() {
    return recipe.training().scheduleTraining(recipe.data().cutoffLen());
  }

  /** What a rank will hold at most. @param config with its ranks */
  MemoryAccount plannedMemory(ModelConfig shape, EngineConfig config) {
    ScheduleTraining training = training();
    long trained =
        recipe.control() == null
            ? batches.largestMicroBatch(
                config.ranks().worldSize(), training.packing(), training.limits())
            : training.limits().maxTokens(); // decisions put other samples together
    long heldOut = PreparedSources.heldOut(sources).stream().mapToLong(Source::tokens).sum();
    double labels = SampleLengths.of(tables()).labelShare();
    return MemoryAccount.planned(
            shape,
            config,
            trained,
            (long) Math.ceil(trained * labels),
            Math.min(heldOut, training.batch().maxTokensPerMicroBatch()))
        .withKeptGradients(recipe.mixtureControl().keptGradientBytes(batches, shape, config));
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /** Of the weights as they will be saved, after one stage: the model's, or the adapter's. */
  long modelBytes() {
    return bytes(model, recipe);
  }

  /** Of all models that adapters are merged into between stages. */
  long mergedBytes() {
    return new StageModels(this).merged() * bytes(model.parameters(), recipe);
  }

  DType saveDType() {
    DType asked = recipe.engine().saveDtype();
    return asked == null ? recipe.engine().dtype() : asked;
  }

  private static PreparedSchedule plan(
      Recipe recipe, RunOutput place, RunStart start, PreparedSources sources) {
    ScheduleBatches batches = Strategies.batches(recipe, sources.tables());
    Ledger ledger = Ledger.of(batches, sources.drops());
    ledger.check(recipe.data().mixtureTolerance());
    PreparedSchedule prepared =
        new PreparedSchedule(
            recipe,
            place,
            start,
            sources.model(),
            sources.template(),
            sources.tokenizer(),
            sources.sources(),
            batches,
            ledger);
    ControlCheck.check(prepared);
    return prepared;
  }

  /** A run clears the models of an older run's stages, so it cannot start from one of them. */
  private static void demandOtherPlace(String model, Path output) {
    Path whole = output.toAbsolutePath().normalize();
    Path stages = whole.resolve(ScheduleRun.STAGES_FOLDER);
    Path merged = whole.resolve(StageModels.FOLDER);
    if (!model.isBlank() && isSame(Path.of(model), output)) {
      throw new ConfigException(
          "output %s is the folder of the model that the run starts from; name another folder"
              .formatted(output));
    }
    Path begun = Path.of(model).toAbsolutePath().normalize();
    if (!model.isBlank() && (begun.startsWith(stages) || begun.startsWith(merged))) {
      throw new ConfigException(
          "model %s lies in %s, which holds the models of this run's stages; name another --output"
              .formatted(model, begun.startsWith(stages) ? stages : merged));
    }
  }

  private static boolean isSame(Path model, Path output) {
    try {
      return Files.exists(output) && Files.exists(model) && Files.isSameFile(model, output);
    } catch (IOException e) {
      throw new UncheckedIOException(output + " cannot be looked at: " + e.getMessage(), e);
    }
  }

  private static long bytes(@Nullable ModelInfo model, Recipe recipe) {
    if (model == null) {
      return 0;
    }
    AdapterRecipe adapter = recipe.adapter();
    return bytes(
        adapter == null
            ? model.parameters()
            : AdapterShapes.parameters(
                ModelInfo.shape(model.folder()), adapter.config(recipe.training().seed())),
        recipe);
  }

  private static long bytes(long parameters, Recipe recipe) {
    DType asked = recipe.engine().saveDtype();
    DType type = asked == null ? recipe.engine().dtype() : asked;
    return parameters * (type == DType.FLOAT32 ? 4 : 2);
  }
}
