package ai.dmt.recipe;

import ai.dmt.internal.records.RecordCopy;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes recipes complete with defaults; {@link RecipeReader} reads back an equal one. */
public final class RecipeWriter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .build());

  private RecipeWriter() {}

  /**
   * {@return a recipe, or a record of which recipes are a part, as YAML}
   *
   * @param recipe whose components are records, lists, maps, texts, numbers and enums
   */
  public static String yaml(Record recipe) {
    try {
      return YAML.writeValueAsString(plain(recipe));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps and texts can be written", e);
    }
  }

  /**
   * {@return a recipe, or a record of which recipes are a part, as JSON, for metrics and
   * checkpoints}
   *
   * @param recipe whose components are records, lists, maps, texts, numbers and enums
   */
  public static JsonNode json(Record recipe) {
    return JSON.valueToTree(plain(recipe));
  }

  /** Maps, lists, texts and numbers; what is absent is left out. */
  static Object plain(Object value) {
    if (value instanceof Record record) {
      Map<String, Object> fields = new LinkedHashMap<>();
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        Object part = RecordCopy.read(component, record);
        if (part != null) {
          Word word = component.getAnnotation(Word.class);
          boolean said = word != null && part.equals(word.number());
          fields.put(RecipeNames.key(component.getName()), said ? word.value() : plain(part));
        }
      }
      return fields;
    }
    if (value instanceof List<?> list) {
      return list.stream().map(RecipeWriter::plain).toList();
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> fields = new LinkedHashMap<>();
      map.forEach((key, part) -> fields.put(key, plain(part)));
      return fields;
    }
    return value instanceof Enum<?> constant ? RecipeNames.word(constant) : value;
  }
}
