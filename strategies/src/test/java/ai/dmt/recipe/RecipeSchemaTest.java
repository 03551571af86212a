package ai.dmt.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.strategies.Presets;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema against the reader, by another program's validator. */
class RecipeSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static final JsonSchema SCHEMA =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(RecipeSchema.json());

  /** All keys that a recipe can have. */
  private static final String FULL =
      """
      name: all
      sources:
        a:
          role: specialized
          fields: {question: q}
          prepare:
            filters: [{part: text, regex: x, action: drop}]
        b: {role: general}
      strategy:
        name: custom
        stages:
          - name: first
            sources: {a: {fraction: 1/2}, b: 1/4}
            num_train_epochs: 1
            max_steps: 3
            learning_rate: 1e-5
            lr_policy: restart
            optimizer_state: reset
            adapter: merge
      adapter: {alpha: 8, ranks: {q_proj: 4}}
      control: {stop: per_source, stop_patience: 3}
      """;

  private static JsonNode full() {
    return RecipeWriter.json(RecipeReader.parse(FULL, "full.yaml", List.of()));
  }

  private static boolean schemaTakes(JsonNode recipe) {
    return SCHEMA.validate(recipe).isEmpty();
  }

  /** What the reader says; empty if it takes the recipe. */
  private static String reader(JsonNode recipe) {
    try {
      RecipeReader.parse(recipe.toString(), "r.yaml", List.of());
      return "";
    } catch (ConfigException e) {
      return e.getMessage();
    }
  }

  static List<String> presets() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetIsValidAsItIsWrittenAndCompleteWithDefaults(String name)
      throws JsonProcessingException {
    JsonNode written = YAML.readTree(Presets.yaml(name));
    assertEquals(List.of(), List.copyOf(SCHEMA.validate(written)));
    JsonNode complete = RecipeWriter.json(Presets.recipe(name, List.of()));
    assertEquals(List.of(), List.copyOf(SCHEMA.validate(complete)));
  }

  @Test
  void theFullRecipeIsValidForBoth() {
    assertEquals(List.of(), List.copyOf(SCHEMA.validate(full())));
    assertEquals("", reader(full()));
  }

  @Test
  void everyUnknownKeyIsRefusedByBoth() {
    List<String> tried = new ArrayList<>();
    everyObject(
        full(),
        "",
        (path, change) -> {
          JsonNode recipe = full();
          change.accept(recipe);
          boolean refused = !reader(recipe).isEmpty();
          assertEquals(refused, !schemaTakes(recipe), () -> "an unknown key in " + path);
          tried.add(refused ? path : "");
        });
    assertTrue(
        tried.containsAll(List.of("/training", "/engine", "/data", "/sources/a/prepare")),
        tried::toString);
  }

  @Test
  void everyWrongTypeThatTheReaderRefusesIsRefusedByTheSchema() {
    List<JsonNode> wrong =
        List.of(
            JSON.createObjectNode().put("x", 1),
            JSON.createArrayNode().add(JSON.createArrayNode()),
            JSON.getNodeFactory().textNode("no such word"),
            JSON.getNodeFactory().booleanNode(true),
            JSON.getNodeFactory().numberNode(-7),
            JSON.getNodeFactory().numberNode(0.5));
    int[] refused = {0};
    for (String path : leaves(full(), "")) {
      for (JsonNode value : wrong) {
        JsonNode recipe = full();
        replace(recipe, path, value);
        String fault = reader(recipe);
        boolean ofType = fault.contains(", expected ") || fault.contains("is not known");
        if (ofType) {
          refused[0]++;
          assertFalse(
              schemaTakes(recipe), () -> path + ": " + value + ", of which is said: " + fault);
        }
      }
    }
    assertTrue(refused[0] > 200, () -> refused[0] + " values were of a wrong type");
  }

  @Test
  void rangesOfTheSchemaAreThoseOfTheReader() {
    int tried = 0;
    for (KeyInfo key : RecipeKeys.all()) {
      if (key.range() == null || key.key().contains(".stages.")) {
        continue; // the amounts of a stage exclude each other
      }
      tried++;
      String path = "/" + key.key().replace("NAME", "a").replace('.', '/');
      String[] ends = key.range().substring(1, key.range().length() - 1).split(", ");
      check(key, path, Double.parseDouble(ends[0]), key.range().startsWith("["), -1);
      if (!ends[1].equals("inf")) {
        check(key, path, Double.parseDouble(ends[1]), key.range().endsWith("]"), 1);
      }
    }
    assertTrue(tried > 25, tried + " keys have a range");
  }

  /** The end of a range is taken or not, and what is beyond is not. */
  private static void check(KeyInfo key, String path, double end, boolean belongs, int beyond) {
    JsonNode recipe = full();
    remove(recipe, path);
    boolean whole = key.type().startsWith("a whole number");
    for (double value : new double[] {end, end + beyond}) {
      boolean expected = value == end && belongs;
      replace(
          recipe,
          path,
          whole
              ? JSON.getNodeFactory().numberNode((long) value)
              : JSON.getNodeFactory().numberNode(value));
      assertEquals(expected, schemaTakes(recipe), () -> key + " at " + value);
      assertEquals(
          expected, reader(recipe).isEmpty(), () -> key + " at " + value + ": " + reader(recipe));
    }
  }

  /** Settings that exclude each other go with the one that is tried. */
  private static void remove(JsonNode recipe, String path) {
    if (path.endsWith("/warmup_steps")) {
      replace(recipe, "/training/warmup_ratio", JSON.getNodeFactory().numberNode(0));
    }
    if (path.endsWith("/replay_min_k")) { // at most the greatest
      replace(recipe, "/control/replay_max_k", JSON.getNodeFactory().numberNode(1));
    }
  }

  @Test
  void keysAreFoundByPathAndByTheirLastPart() {
    KeyInfo rate = RecipeKeys.find("training.learning_rate").get(0);
    assertEquals("(0, inf)", rate.range());
    assertEquals("Peak of the learning rate", rate.description());
    assertTrue(rate.text().contains("default: 2e-5"), rate.text());
    assertEquals("sources.NAME.fraction", RecipeKeys.find("sources.math.fraction").get(0).key());
    assertEquals(2, RecipeKeys.find("learning_rate").size(), "of the run and of a stage");
    assertEquals(
        "there is no key training.lerning_rate; did you mean training.learning_rate?",
        assertThrows(ConfigException.class, () -> RecipeKeys.find("training.lerning_rate"))
            .getMessage());
    for (KeyInfo key : RecipeKeys.all()) {
      assertFalse(key.type().isBlank(), key::toString);
      assertTrue(!key.description().isBlank() || key.key().endsWith("NAME"), key::toString);
    }
  }

  private interface Change {
    void on(String path, Consumer<JsonNode> change);
  }

  private static void everyObject(JsonNode node, String path, Change change) {
    if (node.isObject()) {
      change.on(path, recipe -> ((ObjectNode) recipe.at(path)).put("zzz_unknown", 1));
      node.properties()
          .forEach(each -> everyObject(each.getValue(), path + "/" + each.getKey(), change));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        everyObject(node.get(i), path + "/" + i, change);
      }
    }
  }

  private static List<String> leaves(JsonNode node, String path) {
    List<String> all = new ArrayList<>();
    if (node.isObject() && !node.isEmpty()) {
      for (Map.Entry<String, JsonNode> each : node.properties()) {
        all.addAll(leaves(each.getValue(), path + "/" + each.getKey()));
      }
    } else if (node.isArray() && !node.isEmpty()) {
      for (int i = 0; i < node.size(); i++) {
        all.addAll(leaves(node.get(i), path + "/" + i));
      }
    } else {
      all.add(path);
    }
    return all;
  }

  private static void replace(JsonNode recipe, String path, JsonNode value) {
    int slash = path.lastIndexOf('/');
    JsonNode parent = recipe.at(path.substring(0, slash));
    String name = path.substring(slash + 1);
    if (parent instanceof ObjectNode object) {
      object.set(name, value);
    } else {
      ((ArrayNode) parent).set(Integer.parseInt(name), value);
    }
  }
}
