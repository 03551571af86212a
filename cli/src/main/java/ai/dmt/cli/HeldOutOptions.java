package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DropCounts;
import ai.dmt.data.Source;
import ai.dmt.data.SourceFiles;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.model.Model;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.run.PreparedSources;
import ai.dmt.run.RankIdentity;
import ai.dmt.run.RunFolder;
import ai.dmt.run.SourceData;
import ai.dmt.train.RunIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which samples held-out losses are measured on. */
final class HeldOutOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--held-out",
      arity = "1..*",
      paramLabel = "RECIPE|NAME=FILE",
      description = {
        "Held-out loss by source: files as NAME=FILE, whole; or a recipe, with changes behind it,",
        "of which the samples that it holds out. A run has its recipe without this option, unless"
            + " benchmarks are asked for alone."
      })
  private List<String> words = List.of();

  boolean given() {
    return !words.isEmpty();
  }

  /**
   * Reads the samples.
   *
   * @param model that will be measured on them
   * @param template for files; of a recipe it replaces the template if it was given
   * @param run whose recipe is used where the option was not given; null for none
   * @param limit most samples of a source; 0 for all
   */
  HeldOutData read(Model model, TemplateOption template, Path run, CacheUse cache, long limit) {
    if (namesFiles()) {
      return HeldOutData.of(files(), model, template.of(model), limit);
    }
    List<String> changes = new ArrayList<>();
    template.word().ifPresent(word -> changes.add("data.template=\"%s\"".formatted(word)));
    return heldOut(model, recipe(run, changes), cache, limit);
  }

  /** What a recipe holds out of its sources: the same samples as its training. */
  private static HeldOutData heldOut(Model model, Recipe recipe, CacheUse cache, long limit) {
    List<Source> sources = new ArrayList<>();
    Map<String, DropCounts> drops = new LinkedHashMap<>();
    for (SourceData read : PreparedSources.readBy(model, recipe, cache)) {
      drops.put(read.name(), read.drops());
      if (!read.heldOut().samples().isEmpty()) {
        sources.add(read.heldOut());
      }
    }
    if (sources.isEmpty()) {
      throw new ConfigException(
          "recipe \"%s\" holds nothing out of its sources: data.eval_fraction is %s; give that of the training, or files as NAME=FILE"
              .formatted(recipe.name(), recipe.data().evalFraction()));
    }
    return HeldOutData.of(sources, drops, limit, recipe.data().cutoffLen());
  }

  /** What ranks that measure together must have in common. @param run as in {@link #read} */
  RunIdentity identity(Path run) {
    if (!given() && run == null) {
      return new RunIdentity(Map.of());
    }
    if (!namesFiles()) {
      return RankIdentity.ofRecipe(recipe(run, List.of()));
    }
    RunIdentity identity = new RunIdentity(Map.of());
    for (SourceFiles source : files()) {
      identity = identity.plus(RankIdentity.ofFiles("held_out." + source.name(), source.files()));
    }
    return identity;
  }

  private boolean namesFiles() {
    return !words.isEmpty() && words.get(0).contains("=");
  }

  private List<SourceFiles> files() {
    return KeyValues.sources(words, List.of(), spec.commandLine());
  }

  /** The recipe that was named, or the run's. @param more changes behind those that were given */
  private Recipe recipe(Path run, List<String> more) {
    List<String> changes = new ArrayList<>(words.subList(Math.min(1, words.size()), words.size()));
    changes.addAll(more);
    return words.isEmpty()
        ? RecipeReader.read(RunFolder.recipeFile(run), changes)
        : RecipeWords.read(words.get(0), changes);
  }
}
