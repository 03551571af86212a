package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.data.SourceFiles;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.model.Model;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.run.PreparedSources;
import ai.dmt.run.RankIdentity;
import ai.dmt.run.RunFolder;
import ai.dmt.train.RunIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
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
   * @param base of the model, where that is an adapter
   * @param template for files; of a recipe it replaces the template if it was given
   * @param run whose recipe is used where the option was not given; null for none
   * @param limit most samples of a source; 0 for all
   */
  HeldOutData read(
      Model model, BaseOption base, TemplateOption template, Path run, CacheUse cache, long limit) {
    Path folder = model.info().folder();
    if (namesFiles()) {
      return HeldOutData.of(files(), model, base.template(template, folder), limit);
    }
    List<String> changes = new ArrayList<>();
    changes.add("model=\"%s\"".formatted(base.limits(folder)));
    template.word().ifPresent(word -> changes.add("data.template=\"%s\"".formatted(word)));
    return heldOut(recipe(run, changes), cache, limit);
  }

  /** What a recipe holds out of its sources: the same samples as its training. */
  private static HeldOutData heldOut(Recipe recipe, CacheUse cache, long limit) {
    try (PreparedSources prepared = PreparedSources.of(recipe, cache)) {
      if (prepared.heldOut().isEmpty()) {
        throw new ConfigException(
            "recipe \"%s\" holds nothing out of its sources: data.eval_fraction is %s; give that of the training, or files as NAME=FILE"
                .formatted(recipe.name(), recipe.data().evalFraction()));
      }
      int maxTokens = recipe.data().cutoffLen();
      return HeldOutData.of(prepared.heldOut(), prepared.drops(), limit, maxTokens);
    }
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
