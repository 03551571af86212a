package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.NearestName;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.strategies.Presets;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Studies that come with dmt, as YAML files beside this class; a study of the user's own is a file
 * of the same kind. Where {@code recipe} is a name, the recipe preset of that name is meant; where
 * it is a list, the preset that comes first with the changes behind it.
 */
public final class StudyPresets {
  private static final List<String> NAMES =
      List.of("tiny", "office", "small-real", "1b", "7b", "13b", "33b", "65b", "sizes");
  private static final ObjectMapper YAML = new YAMLMapper();

  private StudyPresets() {}

  /** {@return the names of all presets} */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Reads a preset, or a file where the name is that of one. Relative folders and files become
   * absolute ones, but those of the bundled world: {@link StudyWorld} puts them somewhere.
   *
   * @param name of a preset, or a YAML file
   * @param overrides such as "training.learning_rate=1e-4", of the recipe, or "seeds=2", of the
   *     study
   * @return the study, complete with defaults
   * @throws ConfigException if there is no such preset, or with every fault
   */
  public static StudyDefinition read(String name, List<String> overrides) {
    String text = withRecipe(text(name), name);
    List<String> own =
        Arrays.stream(StudyDefinition.class.getRecordComponents())
            .map(RecordComponent::getName)
            .map(each -> each.replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT))
            .toList();
    List<String> all = new ArrayList<>();
    for (String override : overrides) {
      String leaveOut = override.startsWith("~") ? "~" : "";
      String words = override.substring(leaveOut.length()).strip();
      boolean setting = !leaveOut.isEmpty() || words.contains("=");
      boolean ownKey = own.contains(words.split("[.=]", 2)[0].strip());
      all.add(leaveOut + (setting && !ownKey ? "recipe." : "") + words);
    }
    StudyDefinition study = RecipeReader.parse(StudyDefinition.class, text, "study " + name, all);
    return study.world() == null ? located(study) : study;
  }

  private static String text(String name) {
    try {
      if (NAMES.contains(name)) {
        try (InputStream in = StudyPresets.class.getResourceAsStream(name + ".yaml")) {
          return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
      if (!Files.exists(Path.of(name)) && !name.matches(".*([/\\\\]|\\.ya?ml$).*")) {
        throw new ConfigException(
            "there is no study preset \"%s\"; did you mean %s? There are %s, or name a YAML file"
                .formatted(
                    name, NearestName.of(name, NAMES).orElse("7b"), String.join(", ", NAMES)));
      }
      return Files.readString(Path.of(name));
    } catch (IOException e) {
      throw new ConfigException("study %s cannot be read: %s".formatted(name, Disk.reason(e)), e);
    }
  }

  /** Puts a recipe preset where its name is. */
  private static String withRecipe(String text, String name) {
    try {
      JsonNode study = YAML.readTree(text);
      if (study.isObject() && !study.has("recipe") && study.has("sources")) {
        return YAML.writeValueAsString(ofRecipe((ObjectNode) study, name));
      }
      List<String> words = new ArrayList<>();
      if (study.path("recipe").isArray()) {
        study.path("recipe").forEach(word -> words.add(word.asText()));
      } else if (study.path("recipe").isTextual()) {
        words.add(study.path("recipe").asText());
      }
      if (words.isEmpty()) {
        return text;
      }
      Recipe recipe = Presets.recipe(words.get(0), words.subList(1, words.size()));
      ((ObjectNode) study).set("recipe", RecipeWriter.json(recipe));
      return YAML.writeValueAsString(study);
    } catch (JsonProcessingException e) {
      return text; // the strict reader says what is wrong and where
    }
  }

  /** A recipe is a study that has nothing but it. */
  private static ObjectNode ofRecipe(ObjectNode recipe, String file) {
    String stem = Path.of(file).getFileName().toString().replaceFirst("\\.[^.]*$", "");
    ObjectNode study = YAML.createObjectNode();
    study.put("name", recipe.path("name").asText(stem));
    study.set("recipe", recipe);
    return study;
  }

  /** A study with absolute folders and files. */
  static StudyDefinition located(StudyDefinition study) {
    Recipe recipe = study.recipe();
    List<String> changes = new ArrayList<>();
    if (!recipe.model().isBlank()) {
      changes.add("model=\"%s\"".formatted(absolute(Path.of(recipe.model()))));
    }
    for (Map.Entry<String, SourceRecipe> source : recipe.sources().entrySet()) {
      changes.add(
          "sources.%s.files=%s"
              .formatted(source.getKey(), located(study, source.getValue().files())));
      changes.add(
          "sources.%s.held_out=%s"
              .formatted(source.getKey(), located(study, source.getValue().heldOut())));
    }
    Map<String, BenchmarkRecipe> benchmarks = new LinkedHashMap<>();
    study
        .benchmarks()
        .forEach(
            (key, each) ->
                benchmarks.put(key, each.withProblems(inData(study, each.problems()).toString())));
    return study
        .withSizes(located(study.sizes()))
        .with(
            RecipeReader.parse(RecipeWriter.yaml(recipe), "study " + study.name(), changes),
            benchmarks);
  }

  private static @Nullable SizesRecipe located(@Nullable SizesRecipe sizes) {
    if (sizes == null) {
      return null;
    }
    Map<String, String> models = new LinkedHashMap<>();
    sizes.models().forEach((name, model) -> models.put(name, absolute(Path.of(model)).toString()));
    return sizes.withModels(models);
  }

  private static List<String> located(StudyDefinition study, List<String> files) {
    return files.stream().map(file -> "\"" + inData(study, file) + "\"").toList();
  }

  private static Path inData(StudyDefinition study, String file) {
    return absolute(Path.of(study.dataDir()).resolve(file));
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }
}
