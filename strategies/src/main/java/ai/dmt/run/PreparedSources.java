package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DropCounts;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.SourceLoss;
import ai.dmt.model.Model;
import ai.dmt.model.ModelInfo;
import ai.dmt.prepare.CacheUse;
import ai.dmt.prepare.SourcePreparer;
import ai.dmt.recipe.Recipe;
import ai.dmt.strategies.Strategies;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.Evaluation;
import ai.dmt.train.SampleTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The model and the sources of a recipe, checked and read; the same for every strategy. Nothing of
 * it needs libtorch or the weights.
 *
 * @param model to start from
 * @param template that samples are rendered with
 * @param tokenizer of the model; closed with this object
 * @param sources in the recipe's order
 */
public record PreparedSources(
    ModelInfo model, ChatTemplate template, Tokenizer tokenizer, List<SourceData> sources)
    implements AutoCloseable {
  /** Samples that are packed together for evaluation. */
  private static final int EVALUATION_WINDOW = 256;

  /**
   * Copies the list.
   *
   * @param model to start from
   * @param template that samples are rendered with
   * @param tokenizer of the model; closed with this object
   * @param sources in the recipe's order
   */
  public PreparedSources {
    sources = List.copyOf(sources);
  }

  /**
   * Checks what is cheap to check, all faults together, then reads the data.
   *
   * @param recipe whose model and files are there
   * @param cache of tokenised samples
   * @return model and sources; the caller closes them
   * @throws ConfigException if recipe, model folder or files are at fault
   * @throws ai.dmt.data.DataException if the data is
   */
  public static PreparedSources of(Recipe recipe, CacheUse cache) {
    List<String> faults = new ArrayList<>();
    ModelInfo model = check(recipe, faults);
    RecipeCheck.throwIfAny(faults);
    return read(recipe, Objects.requireNonNull(model), cache); // or there are faults
  }

  /**
   * {@return a recipe's sources as a model that is open reads them, in the recipe's order; the
   * recipe's own model need not be there}
   *
   * @param recipe whose files are there
   * @param model whose tokenizer, vocabulary and positions count
   * @param cache of tokenised samples
   * @throws ConfigException if recipe or files are at fault, or its samples may be too long for the
   *     model
   * @throws ai.dmt.data.DataException if the data is
   */
  public static List<SourceData> readBy(Model model, Recipe recipe, CacheUse cache) {
    List<String> faults = new ArrayList<>(RecipeCheck.faults(recipe));
    RecipeCheck.collect(faults, () -> model.info().limits().checkCutoff(recipe.data().cutoffLen()));
    checkFiles(recipe, faults);
    RecipeCheck.throwIfAny(faults);
    SourcePreparer preparer =
        RecipeCheck.preparer(recipe, model.tokenizerFolder(), model.tokenizer(), cache);
    return read(recipe, model.info(), preparer);
  }

  private static List<SourceData> read(Recipe recipe, ModelInfo model, SourcePreparer preparer) {
    return recipe.sources().keySet().stream()
        .map(name -> SourceData.read(name, recipe, preparer, model))
        .toList();
  }

  /** Adds faults of recipe, model folder and files. @return null if the model is at fault */
  static @Nullable ModelInfo check(Recipe recipe, List<String> faults) {
    List<ModelInfo> models = new ArrayList<>();
    faults.addAll(RecipeCheck.faults(recipe));
    RecipeCheck.collect(faults, () -> models.add(model(recipe)));
    checkFiles(recipe, faults);
    return models.isEmpty() ? null : models.get(0);
  }

  private static void checkFiles(Recipe recipe, List<String> faults) {
    recipe
        .sources()
        .forEach(
            (name, source) ->
                RecipeCheck.collect(faults, () -> RecipeCheck.existingFiles(name, source)));
  }

  /** Reads the data. @param model of the recipe */
  static PreparedSources read(Recipe recipe, ModelInfo model, CacheUse cache) {
    Tokenizer tokenizer = Tokenizer.load(model.folder());
    try {
      SourcePreparer preparer = RecipeCheck.preparer(recipe, model.folder(), tokenizer, cache);
      ChatTemplate template = RecipeCheck.template(recipe, model.folder());
      return new PreparedSources(model, template, tokenizer, read(recipe, model, preparer));
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /**
   * {@return how many samples to train on there are of each source, by its name in the recipe's
   * order}
   */
  public Map<String, Integer> sizes() {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    train().forEach(source -> sizes.put(source.name(), source.samples().size()));
    return sizes;
  }

  /** {@return what was dropped and cut of each source, by its name in the recipe's order} */
  public Map<String, DropCounts> drops() {
    return drops(sources);
  }

  /** The same of sources that were read. */
  static Map<String, DropCounts> drops(List<SourceData> sources) {
    Map<String, DropCounts> drops = new LinkedHashMap<>();
    sources.forEach(source -> drops.put(source.name(), source.drops()));
    return drops;
  }

  /**
   * {@return what is trained on, as schedules count it: one table for each source in the recipe's
   * order}
   */
  public List<SampleTable> tables() {
    return train().stream().map(SampleTable::of).toList();
  }

  /** {@return what is trained on, in the recipe's order} */
  public List<Source> train() {
    return sources.stream().map(SourceData::train).toList();
  }

  /**
   * {@return a recipe with the number that a run on this machine would take for {@code
   * max_tokens_per_micro_batch: auto}; as it is where it has a number}
   *
   * @param recipe that this is the data of
   * @param ranks of the run, all on this machine; at least 1
   * @param speeds folder of what was measured before; need not be there
   * @throws ai.dmt.config.ConfigException if no size fits
   */
  public Recipe withMicroBatch(Recipe recipe, int ranks, Path speeds) {
    if (!MicroBatchChoice.isOpen(recipe)) {
      return recipe;
    }
    RankEnvironment place = new RankEnvironment(0, 0, ranks, ranks, "127.0.0.1", 1);
    MicroBatchChoice choice =
        MicroBatchChoice.planned(
            recipe, Strategies.batches(recipe, tables()), model, place, speeds, note -> {});
    return recipe.withTraining(recipe.training().withMaxTokensPerMicroBatch(choice.maxTokens()));
  }

  /** {@return those sources of which something is held out, in the recipe's order} */
  public List<Source> heldOut() {
    return heldOut(sources);
  }

  /**
   * {@return the held-out loss of each source, in nats, of an engine as it is}
   *
   * @param engine with the model's weights; it is not changed
   * @param maxTokens that go through the model at once
   */
  public Evaluation heldOutLoss(NativeEngine engine, int maxTokens) {
    return evaluate(engine, heldOut(), maxTokens);
  }

  /** Sources of which something is held out. */
  static List<Source> heldOut(List<SourceData> sources) {
    return sources.stream()
        .map(SourceData::heldOut)
        .filter(source -> !source.samples().isEmpty())
        .toList();
  }

  /** Held-out loss of an engine as it is. */
  static Evaluation evaluate(NativeEngine engine, List<Source> heldOut, int maxTokens) {
    return new Evaluation(engine.evaluate(packed(engine, heldOut, maxTokens)));
  }

  /** What is evaluated at once, all of it. */
  static List<MicroBatch> packed(NativeEngine engine, List<Source> heldOut, int maxTokens) {
    List<SourcedSample> samples = new ArrayList<>();
    for (Source source : heldOut) {
      int number = engine.sources().indexOf(source.name());
      source.samples().forEach(sample -> samples.add(new SourcedSample(sample, number)));
    }
    return new SequencePacker(maxTokens, EVALUATION_WINDOW).pack(samples);
  }

  /**
   * {@return the loss of each sample of a source, in the order of its samples}
   *
   * @param engine with the model's weights; it is not changed
   * @param source any; it need not be one that is trained on
   * @param maxTokens that go through the model at once; at least the longest sample
   */
  public List<SourceLoss> sampleLosses(NativeEngine engine, Source source, int maxTokens) {
    SequencePacker packer = new SequencePacker(maxTokens, EVALUATION_WINDOW);
    List<SourceLoss> losses = new ArrayList<>();
    for (EncodedSample sample : source.samples()) {
      SourceLoss first = engine.evaluate(packer.pack(List.of(new SourcedSample(sample, 0)))).get(0);
      losses.add(new SourceLoss(source.name(), first.lossSum(), first.labelTokens()));
    }
    return losses;
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  private static ModelInfo model(Recipe recipe) {
    ModelInfo model = ModelInfo.read(RecipeCheck.modelFolder(recipe));
    List<String> faults = new ArrayList<>();
    RecipeCheck.collect(faults, () -> model.limits().checkCutoff(recipe.data().cutoffLen()));
    RecipeCheck.collect(faults, () -> AdapterCheck.checkModel(recipe, model));
    RecipeCheck.throwIfAny(faults);
    return model;
  }
}
