package ai.dmt.data;

import ai.dmt.internal.text.Faults;
import java.util.List;
import java.util.Map;

/**
 * Which fields of a file stand for the fields of a format, where a file names them otherwise.
 *
 * @param names name in the format to name in the file, such as question to prompt_text
 */
public record FieldMapping(Map<String, String> names) {
  /** Every field has its own name. */
  public static final FieldMapping NONE = new FieldMapping(Map.of());

  /**
   * Checks that each field is known and that no name is blank.
   *
   * @param names see {@link #names()}
   * @throws ai.dmt.config.ConfigException if a field is unknown or a name is blank
   */
  public FieldMapping {
    names = Map.copyOf(names);
    Faults faults = new Faults("fields");
    names.forEach(
        (field, name) ->
            faults
                .require(
                    RecordFormat.knownFields().contains(field),
                    "no format has a field \"%s\"; known are %s"
                        .formatted(field, String.join(", ", RecordFormat.knownFields())))
                .require(!name.isBlank(), "\"%s\" is mapped to a blank name".formatted(field)));
    faults.throwIfAny();
  }

  /** {@return every field that some format has, in alphabetical order} */
  public static List<String> knownFields() {
    return List.copyOf(RecordFormat.knownFields());
  }

  /**
   * {@return name in the file of a field of the format}
   *
   * @param field name in the format
   */
  public String nameOf(String field) {
    return names.getOrDefault(field, field);
  }
}
