package ai.dmt.evaluators.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
  @ParameterizedTest
  @CsvSource({
    "7, 7000",
    "' 1.5 ', 1500",
    "0, 0",
    "'Tue, 24 Nov 2026 00:00:30 GMT', 30000",
    "'Mon, 23 Nov 2026 00:00:00 GMT', 0",
    "999999999, 600000",
    "99999999999999999999, 0",
    "-5, 0",
    "soon, 0",
    "'', 0"
  })
  void secondsAndDatesAreRead(String value, long milliseconds) {
    assertEquals(
        Duration.ofMillis(milliseconds),
        RetryAfter.parse(value, Instant.parse("2026-11-24T00:00:00Z")));
  }
}
