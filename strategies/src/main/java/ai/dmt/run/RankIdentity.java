package ai.dmt.run;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelDigest;
import ai.dmt.engine.EngineConfig;
import ai.dmt.internal.files.Sha256;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.train.RunIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What the ranks of a run must have in common: all but the places of files and threads. */
public final class RankIdentity {
  /** Nodes may keep their files in different folders, and have different numbers of cores. */
  private static final Pattern OWN =
      Pattern.compile(
          "name|description|model|output_dir|not_stated.*|sources\\.[^.]+\\.(files|held_out).*"
              + "|(engine\\.)?(threads|device_index|device\\.index)|engine\\.ranks\\..*");

  private RankIdentity() {}

  /**
   * That of a training run.
   *
   * @param settings of the run, by name
   * @param model folder to start from
   */
  static RunIdentity ofTraining(
      JsonNode settings, Path model, List<SourceData> sources, RunStart start) {
    return RunIdentity.of(settings)
        .without(OWN.asMatchPredicate())
        .plus(ofModel(model))
        .plus(RunIdentity.ofSources("tokens_of", sources.stream().map(SourceData::train).toList()))
        .plus(
            RunIdentity.ofSources(
                "held_out_tokens_of", sources.stream().map(SourceData::heldOut).toList()))
        .plus(new RunIdentity(Map.of("resume", start.word())));
  }

  /**
   * {@return the identity of a recipe's data: its settings, and digests of what its files hold}
   *
   * @param recipe whose files can be read
   */
  public static RunIdentity ofRecipe(Recipe recipe) {
    RunIdentity identity =
        RunIdentity.of(RecipeWriter.json(recipe)).without(OWN.asMatchPredicate());
    for (Map.Entry<String, SourceRecipe> source : recipe.sources().entrySet()) {
      List<Path> files = source.getValue().files().stream().map(Path::of).toList();
      identity = identity.plus(ofFiles("files_of." + source.getKey(), files));
      if (!source.getValue().heldOut().isEmpty()) {
        List<Path> heldOut = source.getValue().heldOut().stream().map(Path::of).toList();
        identity = identity.plus(ofFiles("held_out_files_of." + source.getKey(), heldOut));
      }
    }
    return identity;
  }

  /**
   * {@return the identity of an engine's settings}
   *
   * @param config whose threads and device number may differ between ranks
   */
  public static RunIdentity of(EngineConfig config) {
    return RunIdentity.of("engine", config).without(OWN.asMatchPredicate());
  }

  /**
   * {@return the identity of a model folder: a digest of its files, and of an adapter's base's}
   *
   * @param folder in Hugging Face's layout
   * @throws UncheckedIOException if it cannot be read
   */
  public static RunIdentity ofModel(Path folder) {
    return AdapterFolder.isAdapter(folder)
        ? ofModel(AdapterFolder.read(folder))
        : ofFolder("model", folder);
  }

  /**
   * {@return the identity of an adapter and its base}
   *
   * @param adapter the adapter's folder and its base
   * @throws UncheckedIOException if one cannot be read
   */
  public static RunIdentity ofModel(AdapterFolder adapter) {
    return ofFolder("model", adapter.folder()).plus(ofFolder("base", adapter.base()));
  }

  private static RunIdentity ofFolder(String name, Path folder) {
    try {
      return new RunIdentity(Map.of(name, ModelDigest.of(folder)));
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * {@return the identity of files, wherever they lie: a digest of each}
   *
   * @param name that messages call them by
   * @param files in an order that is part of the identity
   * @throws UncheckedIOException if one cannot be read
   */
  public static RunIdentity ofFiles(String name, List<Path> files) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Path file : files) {
      try {
        values.put("%s[%s]".formatted(name, values.size()), Sha256.of(file));
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
      }
    }
    return new RunIdentity(values);
  }
}
