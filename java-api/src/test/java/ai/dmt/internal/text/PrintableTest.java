package ai.dmt.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.engine.EngineException;
import ai.dmt.tokenizer.TokenizerException;
import ai.dmt.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  private static final String HOSTILE = "\u001b[31m\0\r\n\u009b\u202e\u2028\ufeff\ud800";

  @ParameterizedTest
  @ValueSource(strings = {"", "a \"b\" \\c", "caf\u00e9 \u65e5\u672c", "\ud83d\ude00", "a\u200db"})
  void plainTextStaysAsItIs(String text) {
    assertEquals(text, Printable.value(text));
    assertEquals(text, Printable.text(text));
  }

  @Test
  void whatATerminalObeysIsEscaped() {
    String shown = "\\x1b[31m\\x00\\r\\n\\x9b\\u202e\\u2028\\ufeff\\ud800";
    assertEquals(shown, Printable.value(HOSTILE));
    assertEquals(shown, Printable.sentence(HOSTILE));
    assertEquals("a\n\tb\\x1b", Printable.text("a\n\tb\u001b"));
    assertEquals("a\nb\\tc", Printable.lines("a\r\nb\tc"));
  }

  @Test
  void theMiddleIsCutBetweenCharactersAndCounted() {
    assertEquals("a".repeat(200), Printable.value("a".repeat(200)));
    assertEquals(
        "a".repeat(160) + "... (800 characters cut) ..." + "a".repeat(40),
        Printable.value("a".repeat(1000)));
    String pairs = Printable.value("x" + "\ud83d\ude00".repeat(1000) + "x");
    assertFalse(pairs.contains("\\u"), pairs);
    assertTrue(Printable.sentence("a".repeat(1 << 25)).length() < 2100);
  }

  @Test
  void manyLinesAreCutAndCounted() {
    String shown = Printable.lines(String.join("\n", Collections.nCopies(1234, "x")));
    assertTrue(shown.endsWith("x\n... and 1134 more lines"), shown);
  }

  @Test
  void aFailureWithoutMessageIsNamedByItsType() {
    assertEquals("full", Printable.reason(new IOException("full")));
    assertEquals("java.io.IOException", Printable.reason(new IOException()));
  }

  @Test
  void everyExceptionOfTheLibraryIsPrintable() {
    String value = "role \"" + HOSTILE + "a".repeat(100_000) + "\"; expected user";
    for (Exception e :
        List.of(
            new ConfigException(value),
            new ConfigException("data", List.of(value)),
            ConfigException.ofLines(List.of(value)),
            new DataException(new Origin("f.jsonl", 3), value),
            new TokenizerException(value),
            new CheckpointException(value),
            new EngineException(value))) {
      String message = e.getMessage();
      assertTrue(message.length() < 4200, () -> e.getClass() + " has " + message.length());
      assertTrue(message.contains("characters cut"), message);
      assertTrue(message.endsWith("expected user"), message);
      assertTrue(message.chars().allMatch(c -> c == '\n' || c >= 32 && c < 127), message);
    }
    assertEquals(List.of("a\\x1b", "b"), ConfigException.ofLines(List.of("a\u001b", "b")).faults());
  }
}
