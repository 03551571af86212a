package ai.dmt.evaluators.json;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.NumberOutput;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * JSON in the bytes that Python's {@code json.dumps} gives: a blank after commas and colons, ASCII
 * only, floats with the fewest digits that tell them apart.
 */
public final class PythonJson {
  private static final ObjectMapper JSON =
      new ObjectMapper(
          new JsonFactoryBuilder()
              .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
              .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
              .characterEscapes(new EscapeDelete())
              .build());

  private PythonJson() {}

  /**
   * {@return the node in one line, without a line feed}
   *
   * @param node of any kind
   */
  public static String write(JsonNode node) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = new PythonFloats(JSON.getFactory().createGenerator(text))) {
      JSON.writeTree(generator, node);
    } catch (IOException e) {
      throw new UncheckedIOException("JSON cannot be written: " + e.getMessage(), e);
    }
    return text.toString();
  }

  /** A float as Python's {@code repr} gives it, such as 6.0, 0.1 or 1e-05. */
  static String repr(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no number for " + value);
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    // Double.toString of JDK 17 may give a digit too many; Jackson's writer never does.
    BigDecimal shortest = new BigDecimal(NumberOutput.toString(value, true)).stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = shortest.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String mantissa = shortest.scaleByPowerOfTen(-exponent).toPlainString();
    return String.format(
        Locale.ROOT, "%se%s%02d", mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /** Writes doubles by {@link #repr}. */
  private static final class PythonFloats extends JsonGeneratorDelegate {
    PythonFloats(JsonGenerator generator) {
      super(generator, false);
      generator.setPrettyPrinter(new Separators());
    }

    @Override
    public void writeNumber(double value) throws IOException {
      delegate.writeNumber(repr(value));
    }
  }

  /** A blank after commas and colons. */
  private static final class Separators extends MinimalPrettyPrinter {
    private static final long serialVersionUID = 1L;

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(", ");
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(", ");
    }
  }

  /** Python escapes the character 127 too. */
  private static final class EscapeDelete extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private final int[] escapes = standardAsciiEscapesForJSON();

    EscapeDelete() {
      escapes[127] = ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return escapes.clone();
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return null; // only asked for custom escapes
    }
  }
}
