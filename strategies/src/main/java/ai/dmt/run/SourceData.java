package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DropCounts;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.SourceSummary;
import ai.dmt.model.ModelInfo;
import ai.dmt.prepare.SourcePreparer;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.SourceRecipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A source as it is trained on.
 *
 * @param train at least one sample
 * @param heldOut may have no samples
 * @param drops what was cut and left out
 */
public record SourceData(Source train, Source heldOut, DropCounts drops) {
  /** {@return the name of the source} */
  public String name() {
    return train.name();
  }

  /**
   * Checks that the files are there.
   *
   * @throws ConfigException naming the source and every file that is not
   */
  static void checkFiles(SourceFiles source) {
    for (Path file : source.files()) {
      if (!Files.isRegularFile(file)) {
        throw new ConfigException("source %s: %s: no such file".formatted(source.name(), file));
      }
    }
  }

  /**
   * Reads a source of a recipe, and its files of held-out samples or else holds some out.
   *
   * @param name of a source that the recipe has
   * @throws ai.dmt.data.DataException if a file is at fault, or a token is outside the model's
   *     vocabulary
   */
  static SourceData read(String name, Recipe recipe, SourcePreparer preparer, ModelInfo model) {
    SourceRecipe source = Objects.requireNonNull(recipe.sources().get(name), name);
    List<EncodedSample> samples = new ArrayList<>();
    DropCounts drops = read(name, source, preparer, samples).drops();
    if (source.heldOut().isEmpty()) {
      return split(new Source(name, samples), recipe.data().evalFraction(), drops, model);
    }
    List<EncodedSample> heldOut = new ArrayList<>();
    read(name, source.heldOutSource(), preparer, heldOut);
    samples.forEach(model.limits()::check);
    heldOut.forEach(model.limits()::check);
    return new SourceData(new Source(name, samples), new Source(name, heldOut), drops);
  }

  private static SourceSummary read(
      String name, SourceRecipe source, SourcePreparer preparer, List<EncodedSample> samples) {
    return preparer
        .prepare(RecipeCheck.sourceFiles(name, source), prepared -> samples.add(prepared.sample()))
        .summary();
  }

  private static SourceData split(
      Source all, double evalFraction, DropCounts drops, ModelInfo model) {
    all.samples().forEach(model.limits()::check);
    HeldOutSplit split = HeldOutSplit.of(all.samples(), evalFraction);
    return new SourceData(
        new Source(all.name(), split.train()), new Source(all.name(), split.heldOut()), drops);
  }
}
