package ai.dmt.study;

import ai.dmt.data.TemplateNames;
import ai.dmt.internal.files.Sha256;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.SourceRecipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a study's files hold, so that folders of other places compare equal and changed files do
 * not.
 *
 * @param model SHA-256 over config, weights, tokenizer and template
 * @param template SHA-256 over the file of the template; its name where it has no file
 * @param sources SHA-256 over the files of each source, those held out, too
 * @param benchmarks SHA-256 over the problems of each benchmark
 */
public record StudyHashes(
    String model, String template, Map<String, String> sources, Map<String, String> benchmarks) {
  /**
   * Copies the maps.
   *
   * @param model SHA-256 over config, weights, tokenizer and template
   * @param template SHA-256 over the file of the template; its name where it has no file
   * @param sources SHA-256 over the files of each source, those held out, too, those held out, too
   * @param benchmarks SHA-256 over the problems of each benchmark
   */
  public StudyHashes {
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    benchmarks = Collections.unmodifiableMap(new LinkedHashMap<>(benchmarks));
  }

  /** {@return no values: nothing is used where a file says nothing} */
  public static Map<String, Object> defaults() {
    return Map.of();
  }

  /**
   * Reads all files. What is not there, as before a dry run, counts by its name and size.
   *
   * @param study whose model, data and problems are read
   * @return the digests of its files
   */
  public static StudyHashes of(StudyDefinition study) {
    Recipe recipe = study.recipe();
    Map<String, String> sources = new LinkedHashMap<>();
    for (Map.Entry<String, SourceRecipe> source : recipe.sources().entrySet()) {
      List<Path> files =
          Stream.concat(source.getValue().files().stream(), source.getValue().heldOut().stream())
              .map(Path::of)
              .toList();
      sources.put(
          source.getKey(),
          files.stream().allMatch(Files::isRegularFile)
              ? ofFiles(files)
              : "samples-" + source.getValue().samples());
    }
    Map<String, String> benchmarks = new LinkedHashMap<>();
    study
        .benchmarks()
        .forEach(
            (name, each) -> {
              Path file = Path.of(each.problems());
              benchmarks.put(name, Files.isRegularFile(file) ? ofFiles(List.of(file)) : "missing");
            });
    return new StudyHashes(
        ofModel(Path.of(recipe.model())), ofTemplate(recipe), sources, benchmarks);
  }

  /**
   * Identity of all that cells share: model, data and settings. Names and folders are no part of
   * it, and neither are strategy, fractions and seeds, which the schedule's key holds.
   */
  String context(StudyDefinition study) {
    List<String> neutral =
        new ArrayList<>(
            List.of(
                "name=x",
                "description=",
                "output_dir=",
                "model=" + model,
                "data.template=" + template,
                "strategy={name: multi-task}",
                "training.seed=0",
                "training.data_seed=0",
                "not_stated=[]"));
    sources.forEach(
        (name, hash) -> {
          neutral.add("sources.%s.files=[%s]".formatted(name, hash));
          neutral.add("sources.%s.held_out=[]".formatted(name)); // the hash has them
          neutral.add("sources.%s.samples=0".formatted(name));
        });
    Recipe recipe =
        RecipeReader.parse(RecipeWriter.yaml(study.recipe()), "study " + study.name(), neutral);
    return ofText(RecipeWriter.yaml(recipe));
  }

  static String ofText(String text) {
    return HexFormat.of()
        .formatHex(Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8)), 0, 12);
  }

  private static String ofTemplate(Recipe recipe) {
    String template = recipe.data().template();
    Path file = Path.of(template);
    return TemplateNames.isFile(template) && Files.isRegularFile(file)
        ? ofFiles(List.of(file))
        : template;
  }

  private static String ofModel(Path folder) {
    if (!Files.isDirectory(folder)) {
      return "missing";
    }
    try (Stream<Path> files = Files.list(folder)) {
      return ofFiles(
          files
              .filter(
                  file ->
                      file.getFileName()
                          .toString()
                          .matches(
                              "(config|dmt_template)\\.json|.*\\.safetensors(\\.index\\.json)?|tokenizer.*"
                                  + "|special_tokens_map\\.json|added_tokens\\.json|.*\\.jinja"))
              .sorted()
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String ofFiles(List<Path> files) {
    MessageDigest digest = Sha256.digest();
    for (Path file : files) {
      digest.update((file.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
      try {
        Sha256.update(digest, file);
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
