package ai.dmt.internal.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;

/**
 * JSON as people's files have it: NaN and Infinity, which Python writes, are numbers; a key that
 * occurs twice in one object, text after the end and nesting deeper than 200 are faults.
 */
public final class JsonText {
  private static final int MAX_DEPTH = 200;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  // Texts are bounded as a whole, by the size of a file or a record.
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonText() {}

  /**
   * Reads a text; gives a missing node for a blank one.
   *
   * @param text of one JSON value
   * @return its root
   * @throws JsonProcessingException if it is malformed; see {@link JsonFaults}
   */
  public static JsonNode parse(String text) throws JsonProcessingException {
    return MAPPER.readTree(text);
  }

  /**
   * Reads a file in UTF-8.
   *
   * @param file to read, of at most 256 MiB
   * @return its root; a missing node for a blank file
   * @throws JsonProcessingException if it is malformed; see {@link JsonFaults}
   * @throws IOException if it is not there, cannot be read, or is no regular file
   */
  public static JsonNode read(Path file) throws IOException {
    return parse(TextFile.read(file));
  }
}
