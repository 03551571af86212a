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
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a study's files hold, so that folders of other places compare equal and changed files do
 * not.
 *
 * @param model SHA-256 over config, weights, tokenizer and template
 * @param template SHA-256 over the file of the template; its name where it has no file
 * @param sources SHA-256 over the files of each source, those held out, too
 * @param benchmarks SHA-256 over the problems of each benchmark
 * @param sizes SHA-256 over the files of the model of each size
 */
public record StudyHashes(
    String model,
    String template,
    Map<String, String> sources,
    Map<String, String> benchmarks,
    Map<String, String> sizes) {
  private static final String MISSING = "missing";

  /**
   * Copies the maps.
   *
   * @param model SHA-256 over config, weights, tokenizer and template
   * @param template SHA-256 over the file of the template; its name where it has no file
   * @param sources SHA-256 over the files of each source, those held out, too, those held out, too
   * @param benchmarks SHA-256 over the problems of each benchmark
   * @param sizes SHA-256 over the files of the model of each size
   */
  public StudyHashes {
    sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    benchmarks = Collections.unmodifiableMap(new LinkedHashMap<>(benchmarks));
  }

  /** {@return what is used where a file says nothing: a study of one size has no others} */
  public static Map<String, Object> defaults() {
    return Map.of("sizes", Map.of());
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
              benchmarks.put(name, Files.isRegularFile(file) ? ofFiles(List.of(file)) : MISSING);
            });
    Map<String, String> sizes = new LinkedHashMap<>();
    if (study.sizes() != null) {
      study.sizes().models().forEach((name, folder) -> sizes.put(name, ofModel(Path.of(folder))));
    }
    return new StudyHashes(
        ofModel(Path.of(recipe.model())), ofTemplate(recipe), sources, benchmarks, sizes);
  }

  /**
   * {@link #context} by size of a model, "" for the study's own, and by adapter. What is not there
   * yet differs by its name, unless it is the study's own model.
   */
  Map<String, String> contexts(StudyDefinition study) {
    Map<String, String> contexts = new LinkedHashMap<>();
    contexts.put("", context(study.recipe(), model));
    sizes.forEach(
        (name, hash) -> {
          String folder = Objects.requireNonNull(study.sizes()).models().get(name);
          boolean own = study.recipe().model().equals(folder);
          String identity = own ? model : hash.equals(MISSING) ? MISSING + " " + name : hash;
          contexts.put(name, context(study.recipe(), identity));
        });
    LoraRecipe lora = study.lora();
    if (lora != null) {
      for (int rank : lora.ranks()) {
        contexts.put(LoraRecipe.name(rank), context(lora.applied(study.recipe(), rank), model));
      }
    }
    return contexts;
  }

  /**
   * Identity of all that cells share: model, data and settings. Names and folders are no part of
   * it, and neither are strategy, fractions and seeds, which the schedule's key holds.
   */
  private String context(Recipe shared, String modelHash) {
    List<String> neutral =
        new ArrayList<>(
            List.of(
                "name=x",
                "description=",
                "output_dir=",
                "model=\"%s\"".formatted(modelHash),
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
    Recipe recipe = RecipeReader.parse(RecipeWriter.yaml(shared), "study", neutral);
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
      return MISSING;
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
