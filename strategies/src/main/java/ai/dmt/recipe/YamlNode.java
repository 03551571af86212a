package ai.dmt.recipe;

import ai.dmt.internal.text.Printable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of a recipe that knows where it was written. */
sealed interface YamlNode {
  /** Such as "recipe.yaml:12" or "k=2". */
  String where();

  /**
   * A value without parts.
   *
   * @param text as it was written; empty for nothing
   * @param kind what YAML takes it for
   */
  record Scalar(String where, String text, Kind kind) implements YamlNode {}

  /** What YAML takes a scalar for. */
  enum Kind {
    NOTHING,
    BOOLEAN,
    NUMBER,
    STRING
  }

  /** A list. */
  record Items(String where, List<YamlNode> items) implements YamlNode {}

  /** Values by key; may be changed by overrides. */
  record Fields(String where, LinkedHashMap<String, YamlNode> fields) implements YamlNode {}

  /** As plain maps, lists, numbers and texts. */
  default Object plain() {
    if (this instanceof Items list) {
      return list.items().stream().map(YamlNode::plain).toList();
    }
    if (this instanceof Fields map) {
      Map<String, Object> plain = new LinkedHashMap<>();
      map.fields().forEach((key, value) -> plain.put(key, value.plain()));
      return plain;
    }
    Scalar scalar = (Scalar) this;
    return switch (scalar.kind()) {
      case NOTHING -> "";
      case BOOLEAN -> Boolean.valueOf(scalar.text());
      case NUMBER -> Double.valueOf(scalar.text().replace("_", ""));
      case STRING -> scalar.text();
    };
  }

  /** For messages: a scalar's text, or what kind of thing it is. */
  default String shown() {
    if (this instanceof Scalar scalar) {
      return scalar.kind() == Kind.NOTHING
          ? "nothing"
          : "\"" + Printable.value(scalar.text()) + "\"";
    }
    return this instanceof Items ? "a list" : "a map of keys";
  }
}
