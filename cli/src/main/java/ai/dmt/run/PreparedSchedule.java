package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DataException;
import ai.dmt.data.DropCounts;
import ai.dmt.engine.DType;
import ai.dmt.recipe.Recipe;
import ai.dmt.strategies.Strategies;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.Ledger;
import ai.dmt.train.SampleTable;
import ai.dmt.train.Schedule;
import ai.dmt.train.ScheduleBatches;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A recipe whose files have been checked, whose samples are tokens and whose schedule is made.
 * Nothing of it needs libtorch or the weights.
 *
 * @param recipe as it is run
 * @param output folder to write to
 * @param model to start from
 * @param template that samples are rendered with
 * @param tokenizer of the model; closed with this object
 * @param sources in the recipe's order
 * @param batches of the whole schedule
 * @param ledger of what the schedule asks for and gets
 */
public record PreparedSchedule(
    Recipe recipe,
    Path output,
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
   * @param overwrites whether a model in the output may be replaced
   * @throws ConfigException if recipe, model folder, files or output are at fault
   * @throws DataException if the data is
   */
  public static PreparedSchedule of(Recipe recipe, Path output, boolean overwrites) {
    List<String> faults = RecipeCheck.faults(recipe);
    List<ModelInfo> models = new ArrayList<>();
    check(faults, () -> models.add(model(recipe)));
    recipe.sources().forEach((name, source) -> check(faults, () -> files(name, source.files())));
    check(faults, () -> OutputFolder.check(output, overwrites, bytes(models, recipe)));
    RecipeCheck.throwIfAny(faults);
    Tokenizer tokenizer = Tokenizer.load(Path.of(recipe.model()));
    try {
      PreparedSchedule prepared = read(recipe, output, models.get(0), tokenizer);
      long folders = prepared.batches().stages().size() + 1L;
      OutputFolder.check(output, overwrites, folders * bytes(models, recipe));
      return prepared;
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** The sources as the schedule counts them. */
  public List<SampleTable> tables() {
    return batches.tables();
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  DType saveDType() {
    DType asked = recipe.engine().saveDtype();
    return asked == null ? recipe.engine().dtype() : asked;
  }

  private static PreparedSchedule read(
      Recipe recipe, Path output, ModelInfo model, Tokenizer tokenizer) {
    ChatTemplate template = ChatTemplate.byName(recipe.data().template());
    List<SourceData> sources = new ArrayList<>();
    Map<String, Integer> sizes = new LinkedHashMap<>();
    Map<String, DropCounts> drops = new LinkedHashMap<>();
    for (String name : recipe.sources().keySet()) {
      SourceData source = SourceData.read(name, recipe, template, tokenizer, model);
      sources.add(source);
      sizes.put(name, source.train().samples().size());
      drops.put(name, source.drops());
    }
    Schedule schedule = Strategies.plan(recipe, recipe.corpus(sizes));
    ScheduleBatches batches =
        new ScheduleBatches(
            schedule,
            sources.stream().map(source -> SampleTable.of(source.train())).toList(),
            recipe.training().globalTrainBatchSize());
    Ledger ledger = Ledger.of(batches, drops);
    ledger.check(recipe.data().mixtureTolerance());
    return new PreparedSchedule(
        recipe, output, model, template, tokenizer, List.copyOf(sources), batches, ledger);
  }

  private static ModelInfo model(Recipe recipe) {
    if (recipe.model().isBlank()) {
      throw new ConfigException("model is not set; give model=FOLDER");
    }
    ModelInfo model = ModelInfo.read(Path.of(recipe.model()));
    if (recipe.data().cutoffLen() > model.maxPositionEmbeddings()) {
      throw new ConfigException(
          "data.cutoff_len=%d must be at most %d, the model's max_position_embeddings"
              .formatted(recipe.data().cutoffLen(), model.maxPositionEmbeddings()));
    }
    return model;
  }

  private static void files(String name, List<String> files) {
    SourceData.checkFiles(new SourceFiles(name, files.stream().map(Path::of).toList()));
  }

  private static long bytes(List<ModelInfo> models, Recipe recipe) {
    DType asked = recipe.engine().saveDtype();
    DType type = asked == null ? recipe.engine().dtype() : asked;
    return models.isEmpty() ? 0 : models.get(0).parameters() * (type == DType.FLOAT32 ? 4 : 2);
  }

  private static void check(List<String> faults, Runnable check) {
    try {
      check.run();
    } catch (ConfigException | DataException e) {
      if (!faults.contains(e.getMessage())) {
        faults.add(e.getMessage());
      }
    }
  }
}
