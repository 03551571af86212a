package ai.dmt.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;

/** JSON schema of recipes, made from the records, for editors. */
public final class RecipeSchema {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FRACTION = "^\\s*[0-9.]+\\s*/\\s*[0-9.]+\\s*$";

  private RecipeSchema() {}

  /** {@return the schema of a recipe, in JSON Schema's draft 2020-12} */
  public static JsonNode json() {
    ObjectNode schema = JSON.createObjectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "dmt recipe");
    schema.put("description", "What dmt train, dmt plan and dmt prepare read");
    schema.setAll(record(Recipe.class));
    return schema;
  }

  private static ObjectNode record(Class<?> type) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    schema.put("additionalProperties", false);
    Map<String, Object> defaults = RecordBinder.defaults(type);
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JSON.createArrayNode();
    for (RecordComponent component : type.getRecordComponents()) {
      String key = RecipeNames.key(component.getName());
      ObjectNode property = value(component.getGenericType());
      Word word = component.getAnnotation(Word.class);
      if (word != null) {
        property = orWord(property, word.value());
      }
      Words words = component.getAnnotation(Words.class);
      if (words != null) {
        words.value().describe(property);
      }
      Range range = component.getAnnotation(Range.class);
      if (range != null) {
        bound(property, range.value());
      }
      property.put("description", component.getAnnotation(Doc.class).value());
      Object standard = defaults.get(component.getName());
      if (standard != null && !(standard instanceof Record)) {
        property.set("default", JSON.valueToTree(RecipeWriter.plain(standard)));
      }
      boolean primitive = component.getType().isPrimitive() || component.getType().isEnum();
      boolean needed = standard == null && primitive && !RecordBinder.optional(component);
      if (needed) {
        required.add(key);
      }
      properties.set(key, property);
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema;
  }

  private static ObjectNode value(Type type) {
    ObjectNode schema = JSON.createObjectNode();
    if (type instanceof ParameterizedType generic) {
      boolean list = generic.getRawType() == List.class;
      Type part = generic.getActualTypeArguments()[list ? 0 : 1];
      schema.put("type", list ? "array" : "object");
      schema.set(list ? "items" : "additionalProperties", value(part));
      return schema;
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isRecord()) {
      return RecordBinder.hasShorthand(plain) ? orNumber(record(plain)) : record(plain);
    }
    if (plain.isEnum()) {
      RecipeNames.words(plain).forEach(schema.putArray("enum")::add);
    } else if (plain == double.class || plain == Double.class) {
      return number();
    } else if (plain == String.class) { // a number or a word such as yes is read as a text, too
      schema.putArray("type").add("string").add("number").add("boolean");
    } else if (plain == boolean.class || plain == Boolean.class) {
      schema.put("type", "boolean");
    } else if (plain != Object.class) {
      schema.put("type", "integer");
    }
    return schema;
  }

  /** Puts an interval into the schema of a number. */
  private static void bound(ObjectNode schema, String interval) {
    String[] ends = interval.substring(1, interval.length() - 1).split(",");
    boolean open = schema.has("anyOf");
    ObjectNode number = open ? (ObjectNode) schema.at("/anyOf/0") : schema;
    number.put(
        interval.startsWith("[") ? "minimum" : "exclusiveMinimum", Double.parseDouble(ends[0]));
    if (!ends[1].strip().equals("inf")) {
      number.put(
          interval.endsWith("]") ? "maximum" : "exclusiveMaximum", Double.parseDouble(ends[1]));
    }
  }

  private static ObjectNode number() {
    ObjectNode schema = JSON.createObjectNode();
    ArrayNode either = schema.putArray("anyOf");
    either.addObject().put("type", "number");
    either.addObject().put("type", "string").put("pattern", FRACTION);
    return schema;
  }

  private static ObjectNode orWord(ObjectNode number, String word) {
    ObjectNode schema = JSON.createObjectNode();
    schema.putArray("anyOf").add(number).add(JSON.createObjectNode().put("const", word));
    return schema;
  }

  private static ObjectNode orNumber(ObjectNode record) {
    ObjectNode schema = JSON.createObjectNode();
    schema.putArray("anyOf").add(number()).add(record);
    return schema;
  }
}
