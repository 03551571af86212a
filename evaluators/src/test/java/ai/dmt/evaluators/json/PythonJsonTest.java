package ai.dmt.evaluators.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("jackson")
class PythonJsonTest {
  /** The right column is what Python 3.11 prints. */
  @ParameterizedTest
  @CsvSource({
    "6, 6.0",
    "0.1, 0.1",
    "-0.0, -0.0",
    "0, 0.0",
    "1e-4, 0.0001",
    "1e-5, 1e-05",
    "1.25e-7, 1.25e-07",
    "1e15, 1000000000000000.0",
    "9999999999999998, 9999999999999998.0",
    "1e16, 1e+16",
    "123456789012345680, 1.2345678901234568e+17",
    "2e23, 2e+23",
    "1.7976931348623157e308, 1.7976931348623157e+308",
    "2.2250738585072014e-308, 2.2250738585072014e-308",
    "1686286924.844282, 1686286924.844282",
    "-4.35, -4.35"
  })
  void floatsAreWrittenAsPythonDoes(double value, String expected) {
    assertEquals(expected, PythonJson.repr(value));
  }

  @Test
  void textsAreAsciiAndSeparatorsHaveABlank() throws Exception {
    String line =
        "{\"a\": [1, 2.0, null, true], \"b\": {\"\\u00e9\": \"\\ud83d\\ude00 \\u007f \\u001f"
            + " \\n\\t\\\"\\\\/\"}, \"c\": {}, \"d\": [], \"e\": \"\\ud800\"}";
    assertEquals(line, PythonJson.write(new ObjectMapper().readTree(line)));
  }

  @Test
  void jsonHasNoNumberForInfinity() {
    assertThrows(IllegalArgumentException.class, () -> PythonJson.repr(Double.NaN));
  }
}
