package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.plan.SampleLengths;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.strategies.Strategies;
import ai.dmt.train.SampleTable;
import ai.dmt.train.ScheduleBatches;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * As much of a recipe's data as a {@link ai.dmt.plan.RunPlanner} needs: from the files if all of
 * them are here, else from the sizes that the recipe states.
 *
 * @param batches which samples form which step
 * @param lengths of the samples
 */
public record PlanningData(ScheduleBatches batches, SampleLengths lengths) {
  /**
   * {@return the data as it is; where it is not here, samples are taken to be as long as any may
   * be}
   *
   * @param recipe to plan
   * @param cache of tokenised samples
   */
  public static PlanningData of(Recipe recipe, CacheUse cache) {
    if (!isHere(recipe)) {
      return stated(
          recipe,
          SampleLengths.assumed(
              recipe.data().cutoffLen(),
              "the longest that there are: the data is not here; --tokens-per-sample says better"));
    }
    try (PreparedSources prepared = PreparedSources.of(recipe, cache)) {
      List<SampleTable> tables = prepared.tables();
      return new PlanningData(Strategies.batches(recipe, tables), SampleLengths.of(tables));
    }
  }

  /**
   * {@return the data with a mean length that somebody knows; nothing is read}
   *
   * @param recipe whose sources state their sizes
   * @param tokensPerSample at least 1, at most the recipe's cutoff_len
   * @throws ConfigException if it is something else
   */
  public static PlanningData of(Recipe recipe, double tokensPerSample) {
    int longest = recipe.data().cutoffLen();
    if (!(tokensPerSample >= 1 && tokensPerSample <= longest)) {
      throw new ConfigException(
          "--tokens-per-sample must be in [1, %s], cutoff_len, got %s"
              .formatted(longest, tokensPerSample));
    }
    return stated(recipe, SampleLengths.assumed(tokensPerSample, "as --tokens-per-sample says"));
  }

  private static PlanningData stated(Recipe recipe, SampleLengths lengths) {
    return new PlanningData(Strategies.batches(recipe, recipe.statedTables()), lengths);
  }

  private static boolean isHere(Recipe recipe) {
    return Files.isDirectory(Path.of(recipe.model()))
        && recipe.sources().values().stream()
            .flatMap(source -> source.files().stream())
            .allMatch(file -> Files.exists(Path.of(file)));
  }
}
