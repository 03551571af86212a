package ai.dmt.model;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonFaults;
import ai.dmt.internal.text.JsonText;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A JSON object of a model folder, such as config.json; faults name the file.
 *
 * @param file that it was read from
 * @param node its root
 */
public record ConfigJson(Path file, JsonNode node) {
  /**
   * Reads a file.
   *
   * @param file to read
   * @return its object
   * @throws ConfigException if it is not there, cannot be read, or holds no object
   */
  public static ConfigJson read(Path file) {
    try {
      JsonNode node = JsonText.read(file);
      if (!node.isObject()) {
        throw new ConfigException(file + ": expected a JSON object");
      }
      return new ConfigJson(file, node);
    } catch (JsonProcessingException e) {
      throw new ConfigException(file + ": malformed JSON: " + JsonFaults.sentence(e), e);
    } catch (IOException e) {
      throw new ConfigException(
          Files.exists(file)
              ? file + " cannot be read: " + Disk.reason(e)
              : file + ": no such file",
          e);
    }
  }

  /**
   * {@return a positive whole number, at most 2<sup>31</sup> - 1}
   *
   * @param key of the object, not of one in it
   * @throws ConfigException if it is missing or something else
   */
  public int size(String key) {
    JsonNode value = node.path(key);
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < 1) {
      throw new ConfigException(
          "%s: %s is %s, expected a positive integer"
              .formatted(
                  file,
                  key,
                  value.isMissingNode() ? "missing" : Printable.value(value.toString())));
    }
    return value.intValue();
  }

  /**
   * {@return the same, or a default where the key is missing or null}
   *
   * @param key of the object, not of one in it
   * @param byDefault what the key is where it is not stated
   * @throws ConfigException if it is something else
   */
  public int size(String key, int byDefault) {
    return node.path(key).isMissingNode() || node.path(key).isNull() ? byDefault : size(key);
  }
}
