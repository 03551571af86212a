package ai.dmt.evaluators.mtbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatStringTest {
  private static String format(String template) {
    return new FormatString(template, new Origin("prompts.jsonl", 3))
        .format(Map.of("a", "{b} }} $1 \\", "b", "B"));
  }

  @Test
  void filledTextsAreNotReadAgain() {
    assertEquals("{b} }} $1 \\ and B", format("{a} and {b}"));
  }

  @Test
  void doubledBracesAreBraces() {
    assertEquals("{a} {B}", format("{{a}} {{{b}}}"));
  }

  @ParameterizedTest
  @CsvSource({
    "{c}, expected one of [a; b]",
    "{}, the place {}",
    "{0}, the place {0}",
    "{a!r}, the place {a!r}",
    "{a:>5}, the place {a:>5}",
    "{ a }, the place { a }",
    "x {, a single \"{\" at character 3",
    "x } y, a single \"}\" at character 3"
  })
  void whatPythonRefusesOrTemplatesNeverUseIsRefused(String template, String fault) {
    String message = assertThrows(DataException.class, () -> format(template)).getMessage();
    assertTrue(message.startsWith("prompts.jsonl:3: "), message);
    assertTrue(message.contains(fault.replace(';', ',')), message);
  }
}
