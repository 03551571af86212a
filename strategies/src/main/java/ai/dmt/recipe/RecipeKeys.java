package ai.dmt.recipe;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks keys up in the schema of recipes. */
public final class RecipeKeys {
  /** Stands for the name of a source, a field, or a setting of a strategy of one's own. */
  private static final String ANY_NAME = "NAME";

  /** Stands for the place in a list. */
  private static final String ANY_PLACE = "N";

  private RecipeKeys() {}

  /** {@return all keys, in the order of the records} */
  public static List<KeyInfo> all() {
    List<KeyInfo> all = new ArrayList<>();
    collect("", RecipeSchema.json(), all);
    return all;
  }

  /** Whether a recipe has a key of this path. */
  static boolean isKey(String path) {
    return all().stream().anyMatch(each -> matches(each.key(), path));
  }

  /**
   * {@return the keys that a word means: the one of this path, or all whose last part it is}
   *
   * @param word such as "training.learning_rate", "learning_rate", "sources.math.fraction", "data"
   * @throws ConfigException if there is none, with the nearest
   */
  public static List<KeyInfo> find(String word) {
    List<KeyInfo> all = all();
    List<KeyInfo> exact = all.stream().filter(each -> matches(each.key(), word)).toList();
    if (!exact.isEmpty()) {
      return exact;
    }
    List<KeyInfo> last = all.stream().filter(each -> each.key().endsWith("." + word)).toList();
    if (!last.isEmpty()) {
      return last;
    }
    List<String> names = new ArrayList<>();
    all.forEach(
        each -> {
          names.add(each.key());
          names.add(lastPart(each.key()));
        });
    throw new ConfigException(
        "there is no key %s; did you mean %s?"
            .formatted(Printable.value(word), NearestName.of(word, names).orElse("training")));
  }

  /**
   * The first key whose last part a word is, or is one slip away from: where learning_rate belongs.
   */
  static Optional<String> endingWith(String word) {
    List<String> keys =
        all().stream()
            .map(KeyInfo::key)
            .filter(key -> key.contains("."))
            .sorted(Comparator.comparingLong(key -> key.chars().filter(c -> c == '.').count()))
            .toList();
    List<String> parts = keys.stream().map(RecipeKeys::lastPart).toList();
    return NearestName.of(word, parts)
        .filter(near -> NearestName.distance(word, near) <= 1 + word.length() / 6)
        .map(near -> keys.get(parts.indexOf(near)));
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  /** Whether a path as a user writes it is that of a key. */
  private static boolean matches(String key, String word) {
    String[] parts = key.split("\\.");
    String[] given = word.split("\\.", -1);
    if (parts.length != given.length) {
      return false;
    }
    for (int i = 0; i < parts.length; i++) {
      boolean any =
          (parts[i].equals(ANY_NAME) && !given[i].isEmpty())
              || (parts[i].equals(ANY_PLACE) && given[i].matches("\\d+|N"));
      if (!any && !parts[i].equals(given[i])) {
        return false;
      }
    }
    return true;
  }

  private static void collect(String path, JsonNode schema, List<KeyInfo> all) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String key = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
      JsonNode value = property.getValue();
      all.add(
          new KeyInfo(
              key,
              value.path("description").asText(),
              type(value),
              value.has("default") ? standard(value.path("default")) : null,
              range(value)));
      descend(key, value, all);
    }
  }

  /** As people write it: 2e-5, 0, vicuna_v1.1. */
  private static String standard(JsonNode value) {
    if (value.isFloatingPointNumber()) {
      return value.asText().replace(".0E", "e").replace('E', 'e').replaceAll("\\.0$", "");
    }
    return value.isTextual() ? value.asText() : value.toString();
  }

  private static void descend(String key, JsonNode value, List<KeyInfo> all) {
    collect(key, value, all);
    for (JsonNode either : value.path("anyOf")) {
      collect(key, either, all);
    }
    if (value.path("items").isObject()) {
      descend(key + "." + ANY_PLACE, value.path("items"), all);
    }
    if (value.path("additionalProperties").isObject()) {
      descend(key + "." + ANY_NAME, value.path("additionalProperties"), all);
    }
  }

  private static String type(JsonNode value) {
    if (value.has("enum")) {
      return "one of " + words(value.path("enum"));
    }
    if (value.has("anyOf")) {
      JsonNode first = value.path("anyOf").get(0);
      if (first.has("enum")) {
        return "one of %s, or a file ending in .jinja or .json"
            .formatted(words(first.path("enum")));
      }
      JsonNode word = value.at("/anyOf/1/const");
      if (!word.isMissingNode()) {
        return "a whole number, or " + word.asText();
      }
      return first.path("type").asText().equals("number")
          ? "a number, or a fraction such as 1/256"
          : "a number or keys with values";
    }
    return switch (value.path("type").asText()) {
      case "integer" -> "a whole number";
      case "boolean" -> "true or false";
      case "array" -> "a list";
      case "object" ->
          value.has("properties") ? "keys with values" : "names with values" + names(value);
      default -> "a text";
    };
  }

  private static String names(JsonNode value) {
    JsonNode words = value.at("/propertyNames/enum");
    return words.isMissingNode() ? "" : "; names are " + words(words);
  }

  private static String words(JsonNode list) {
    List<String> words = new ArrayList<>();
    list.forEach(each -> words.add(each.asText()));
    return String.join(", ", words);
  }

  private static @Nullable String range(JsonNode value) {
    JsonNode number = value.has("anyOf") ? value.path("anyOf").get(0) : value;
    String low =
        number.has("minimum")
            ? "[" + shown(number.path("minimum"))
            : number.has("exclusiveMinimum") ? "(" + shown(number.path("exclusiveMinimum")) : null;
    if (low == null) {
      return null;
    }
    String high =
        number.has("maximum")
            ? shown(number.path("maximum")) + "]"
            : number.has("exclusiveMaximum")
                ? shown(number.path("exclusiveMaximum")) + ")"
                : "inf)";
    return low + ", " + high;
  }

  private static String shown(JsonNode number) {
    double value = number.asDouble();
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
