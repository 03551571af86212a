package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.DropCounts;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.SourceSummary;
import ai.dmt.data.Topic;
import ai.dmt.model.ModelInfo;
import ai.dmt.prepare.SourcePreparer;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.SourceRecipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

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
   * Reads a source of a recipe, and its files of held-out samples or else holds some out. Topics
   * that the recipe excludes leave what is trained on alone: which samples are read and which are
   * held out does not depend on them, so that losses with and without them compare.
   *
   * @param name of a source that the recipe has
   * @throws ai.dmt.data.DataException if a file is at fault, if nothing is left to train on, or if
   *     a token is outside the model's vocabulary
   */
  static SourceData read(String name, Recipe recipe, SourcePreparer preparer, ModelInfo model) {
    SourceRecipe source = Objects.requireNonNull(recipe.sources().get(name), name);
    List<Topic> exclude = source.prepare().exclude();
    if (exclude.isEmpty()) {
      return readWhole(name, source, recipe, preparer, model);
    }
    SourceRecipe all = source.withPrepare(source.prepare().withExclude(List.of()));
    SourceData whole = readWhole(name, all, recipe, preparer, model);
    Set<Piece> kept = new HashSet<>();
    SourceSummary read = read(name, source, preparer, sample -> kept.add(Piece.of(sample)));
    List<EncodedSample> train =
        whole.train().samples().stream().filter(each -> kept.contains(Piece.of(each))).toList();
    if (train.isEmpty()) {
      throw new DataException(
          Origin.UNKNOWN,
          "source %s has no sample to train on: those of %s that are not held out are all about %s"
              .formatted(name, source.files(), exclude));
    }
    return new SourceData(new Source(name, train), whole.heldOut(), read.drops());
  }

  /** Tells samples apart; a file of one line gives all of them one origin. */
  private record Piece(Origin origin, String id, long tokens) {
    static Piece of(EncodedSample sample) {
      return new Piece(sample.origin(), sample.id(), HeldOutSplit.hash(sample));
    }
  }

  private static SourceData readWhole(
      String name, SourceRecipe source, Recipe recipe, SourcePreparer preparer, ModelInfo model) {
    List<EncodedSample> samples = new ArrayList<>();
    DropCounts drops = read(name, source, preparer, samples::add).drops();
    if (source.heldOut().isEmpty()) {
      return split(new Source(name, samples), recipe.data().evalFraction(), drops, model);
    }
    List<EncodedSample> heldOut = new ArrayList<>();
    read(name, source.heldOutSource(), preparer, heldOut::add);
    samples.forEach(model.limits()::check);
    heldOut.forEach(model.limits()::check);
    return new SourceData(new Source(name, samples), new Source(name, heldOut), drops);
  }

  private static SourceSummary read(
      String name, SourceRecipe source, SourcePreparer preparer, Consumer<EncodedSample> samples) {
    return preparer
        .prepare(
            RecipeCheck.sourceFiles(name, source), prepared -> samples.accept(prepared.sample()))
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
