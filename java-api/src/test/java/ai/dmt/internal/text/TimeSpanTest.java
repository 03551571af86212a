package ai.dmt.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSpanTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "90, 90",
    "90s, 90",
    "5m, 300",
    "3h30m, 12600",
    "1d2h3m4s, 93784",
    "2h5, 7205",
    "02:00:00, 7200",
    "0:01:30, 90",
    "1-12:00:00, 129600"
  })
  void timesAreRead(String text, long seconds) {
    assertEquals(Optional.of(Duration.ofSeconds(seconds)), TimeSpan.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "3x", "h", "30m3h", "1:2", "1:60:00", "9999999999", "1.5h"})
  void otherTextsAreNone(String text) {
    assertEquals(Optional.empty(), TimeSpan.parse(text));
  }
}
