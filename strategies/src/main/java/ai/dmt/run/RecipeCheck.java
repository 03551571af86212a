package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DataException;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.TemplateFile;
import ai.dmt.data.TemplateNames;
import ai.dmt.model.TokenLimits;
import ai.dmt.prepare.CacheUse;
import ai.dmt.prepare.SourcePreparer;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.recipe.TrainingRecipe;
import ai.dmt.strategies.SchedulePlan;
import ai.dmt.strategies.Strategies;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.tokenizer.TokenizerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What can be said of a recipe without its model and its data. */
public final class RecipeCheck {
  private RecipeCheck() {}

  /**
   * Checks strategy, packing, template and sources; plans where all sizes are stated.
   *
   * @param recipe whose model and data need not be there
   * @throws ConfigException with every fault, one per line
   */
  public static void check(Recipe recipe) {
    List<String> faults = faults(recipe);
    boolean sized = recipe.sources().values().stream().allMatch(each -> each.samples() > 0);
    if (faults.isEmpty() && sized) {
      collect(faults, () -> SchedulePlan.of(recipe));
    }
    throwIfAny(faults);
  }

  static List<String> faults(Recipe recipe) {
    List<String> faults = new ArrayList<>();
    collect(faults, () -> Strategies.of(recipe));
    collect(faults, () -> checkTraining(recipe));
    collect(faults, () -> AdapterCheck.checkStages(recipe));
    collect(faults, () -> ControlCheck.checkTraining(recipe));
    collect(faults, () -> checkTemplate(recipe.data().template()));
    recipe.sources().forEach((name, source) -> collect(faults, () -> sourceFiles(name, source)));
    return faults;
  }

  /** Whatever number a micro-batch will have that is yet to be chosen. */
  private static void checkTraining(Recipe recipe) {
    TrainingRecipe training = recipe.training();
    int cutoff = recipe.data().cutoffLen();
    boolean chosen = training.maxTokensPerMicroBatch() != TrainingRecipe.AUTO;
    (chosen ? training : training.withMaxTokensPerMicroBatch(cutoff)).scheduleTraining(cutoff);
  }

  /**
   * What a recipe's model can take in; its samples must not be longer.
   *
   * @throws ConfigException if they may be, or the folder is not there or at fault
   */
  static TokenLimits limits(Recipe recipe) {
    TokenLimits limits = TokenLimits.of(modelFolder(recipe));
    limits.checkCutoff(recipe.data().cutoffLen());
    return limits;
  }

  /** The folder of a recipe's model. @throws ConfigException if none is named */
  static Path modelFolder(Recipe recipe) {
    if (recipe.model().isBlank()) {
      throw new ConfigException("model is not set; give model=FOLDER");
    }
    return Path.of(recipe.model());
  }

  /**
   * The template that a recipe's samples are rendered with.
   *
   * @param model folder
   * @throws ConfigException if it is the model's and the model has none
   */
  static ChatTemplate template(Recipe recipe, Path model) {
    return named("data.template", () -> TemplateNames.find(recipe.data().template(), model));
  }

  private static void checkTemplate(String word) {
    TemplateNames.fault(word, TemplateNames.trainable())
        .ifPresent(
            fault -> {
              throw new ConfigException("data.template: " + fault);
            });
    if (TemplateNames.isFile(word)) {
      named("data.template", () -> TemplateFile.open(Path.of(word)));
    }
  }

  /** How a source of a recipe is read. */
  static SourceFiles sourceFiles(String name, SourceRecipe source) {
    return named("sources." + name, () -> source.sourceFiles(name));
  }

  /** Puts the key in front of what is wrong with its value. */
  private static <T> T named(String key, Supplier<T> value) {
    try {
      return value.get();
    } catch (ConfigException e) {
      throw new ConfigException("%s: %s".formatted(key, e.getMessage()), e);
    }
  }

  /**
   * The same, once its files are known to be there.
   *
   * @throws ConfigException naming the source and every file that is not
   */
  static SourceFiles existingFiles(String name, SourceRecipe source) {
    SourceFiles files = sourceFiles(name, source);
    SourceData.checkFiles(files);
    if (!source.heldOut().isEmpty()) {
      SourceData.checkFiles(sourceFiles(name, source.heldOutSource()));
    }
    return files;
  }

  /**
   * What makes the samples of a recipe's sources.
   *
   * @param model folder
   * @param tokenizer of that folder
   * @param cache of tokenised samples
   */
  static SourcePreparer preparer(Recipe recipe, Path model, Tokenizer tokenizer, CacheUse cache) {
    return new SourcePreparer(
        template(recipe, model), tokenizer, Tokenizer.file(model), recipe.data().limits(), cache);
  }

  static void collect(List<String> faults, Runnable check) {
    try {
      check.run();
    } catch (ConfigException | DataException | TokenizerException e) {
      String.valueOf(e.getMessage()) // a line for each fault
          .lines()
          .filter(fault -> !faults.contains(fault))
          .forEach(faults::add);
    }
  }

  static void throwIfAny(List<String> faults) {
    if (!faults.isEmpty()) {
      throw ConfigException.ofLines(faults);
    }
  }
}
