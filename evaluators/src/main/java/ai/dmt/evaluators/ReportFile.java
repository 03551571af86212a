package ai.dmt.evaluators;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.JsonFaults;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Results as JSON files: written in one step, read strictly. */
public final class ReportFile {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private ReportFile() {}

  /**
   * Writes a record as JSON; a file that is there is replaced in one step, so that a reader finds
   * the old or the new one and never a part.
   *
   * @param file whose folder is there
   * @param report a record of JSON's types
   * @throws UncheckedIOException naming the file, if it cannot be written
   */
  public static void write(Path file, Object report) {
    try {
      WholeFile.replace(file, JSON.writeValueAsString(report) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * Reads a record from JSON.
   *
   * @param <T> what the file holds
   * @param file that {@link #write} wrote
   * @param type class of the record
   * @return the record, never null
   * @throws DataException naming file and key, if a key is unknown, missing or of the wrong kind
   */
  public static <T> T read(Path file, Class<T> type) {
    try {
      T value = JSON.readValue(Files.readString(file), type);
      if (value == null) {
        throw fault(file, 0, "is null, expected an object", null);
      }
      return value;
    } catch (JsonMappingException e) {
      throw fault(file, lineOf(e), key(e) + fault(e), e);
    } catch (JsonProcessingException e) {
      throw fault(file, lineOf(e), "malformed JSON: " + JsonFaults.sentence(e), e);
    } catch (NoSuchFileException e) {
      throw fault(file, 0, "no such file", e);
    } catch (IOException e) {
      throw fault(file, 0, "cannot be read: " + Disk.reason(e), e);
    }
  }

  private static DataException fault(Path file, long line, String text, @Nullable Exception cause) {
    return new DataException(new Origin(file.toString(), line), text, cause);
  }

  private static long lineOf(JsonProcessingException e) {
    return e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNr());
  }

  /** As {@code scores[0].interval: }; empty for the whole. */
  private static String key(JsonMappingException e) {
    StringBuilder key = new StringBuilder();
    for (Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        key.append('[').append(step.getIndex()).append(']');
      } else {
        key.append(key.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return key.isEmpty() ? "" : key + ": ";
  }

  private static String fault(JsonMappingException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return "unknown key, expected one of " + unknown.getKnownPropertyIds();
    }
    if (e instanceof ValueInstantiationException && e.getCause() != null) {
      return Printable.reason(e.getCause()); // what the record itself says
    }
    return JsonFaults.sentence(e);
  }
}
