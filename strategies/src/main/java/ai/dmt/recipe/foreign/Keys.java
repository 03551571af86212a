package ai.dmt.recipe.foreign;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The keys of a recipe, each taken once; what is left has no counterpart. */
final class Keys {
  private final String prefix;
  private final Map<String, JsonNode> left = new LinkedHashMap<>();
  private final List<Unmapped> unmapped;

  /**
   * @param prefix of names in messages, "" or "datasets[0]."
   */
  Keys(JsonNode object, String prefix, List<Unmapped> unmapped) {
    this.prefix = prefix;
    this.unmapped = unmapped;
    object.properties().forEach(each -> left.put(each.getKey(), each.getValue()));
  }

  boolean has(String key) {
    return left.containsKey(key) && !isNothing(left.get(key));
  }

  /** Takes a value; one that is empty counts as not given. */
  Optional<JsonNode> take(String key) {
    JsonNode value = left.remove(key);
    return value == null || isNothing(value) ? Optional.empty() : Optional.of(value);
  }

  private static boolean isNothing(JsonNode value) {
    return value.isNull() || (value.isTextual() && value.asText().isBlank());
  }

  Optional<String> text(String key) {
    return take(key).map(value -> scalar(key, value));
  }

  private String scalar(String key, JsonNode value) {
    if (value.isContainerNode()) {
      throw new ConfigException(
          "%s%s is %s, expected a single value".formatted(prefix, key, shown(value)));
    }
    return value.asText();
  }

  Optional<Double> number(String key) {
    return text(key)
        .map(
            text -> {
              try {
                return Double.valueOf(text.replace("_", ""));
              } catch (NumberFormatException e) {
                throw new ConfigException(
                    "%s%s is \"%s\", expected a number".formatted(prefix, key, text), e);
              }
            });
  }

  /** A number without a fraction, such as 3 or 3.0. */
  Optional<Long> whole(String key) {
    return number(key)
        .map(
            value -> {
              if (value != Math.rint(value)) {
                throw new ConfigException(
                    "%s%s is %s, expected a whole number".formatted(prefix, key, value));
              }
              return value.longValue();
            });
  }

  boolean isTrue(String key) {
    return text(key).map(Keys::saysYes).orElse(false);
  }

  private static boolean saysYes(String text) {
    return List.of("true", "yes", "on", "1").contains(text.toLowerCase(Locale.ROOT));
  }

  /** A list, a text with commas, or a single value. */
  List<String> texts(String key) {
    List<String> all = new ArrayList<>();
    take(key)
        .ifPresent(
            value -> {
              if (value instanceof ArrayNode list) {
                list.forEach(each -> all.add(scalar(key, each)));
              } else {
                for (String part : scalar(key, value).split(",", -1)) {
                  if (!part.isBlank()) {
                    all.add(part.strip());
                  }
                }
              }
            });
    return all;
  }

  /** The same keys under other names, those of the Trainer. */
  Keys renamed(Map<String, String> names) {
    names.forEach(
        (own, other) -> {
          JsonNode value = left.remove(own);
          if (value != null) {
            left.put(other, value);
          }
        });
    return this;
  }

  /** Says that a value has no counterpart, or what became of it. */
  void tell(String key, String value, String why) {
    unmapped.add(new Unmapped(prefix + key, value, why));
  }

  /** Takes a key that is told of. */
  void tell(String key, String why) {
    take(key).ifPresent(value -> tell(key, shown(value), why));
  }

  /** Tells of all that is left, but for what is switched off. */
  void tellRest() {
    left.forEach(
        (key, value) -> {
          if (!isNothing(value) && !shown(value).equals("false")) {
            tell(key, shown(value), NoCounterpart.why(key));
          }
        });
    left.clear();
  }

  static String shown(JsonNode value) {
    return value instanceof ObjectNode || value instanceof ArrayNode
        ? value.toString()
        : value.asText();
  }
}
