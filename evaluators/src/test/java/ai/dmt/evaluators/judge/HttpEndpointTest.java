package ai.dmt.evaluators.judge;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpEndpointTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\n", "\u00e9"})
  void keyThatNoHeaderCanHoldIsRefusedUnseen(String key) {
    String message =
        assertThrows(
                ConfigException.class,
                () -> new HttpEndpoint("http://h", key, Duration.ofSeconds(1), new FakeClock()))
            .getMessage();
    assertTrue(message.startsWith("the judge's key is empty or holds a character"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "api.openai.com/v1",
        "ftp://h",
        "http://u:p@h/v1",
        "http://h/v1?k=1",
        "http:// h"
      })
  void malformedUrlIsRefused(String url) {
    assertThrows(
        ConfigException.class,
        () -> new HttpEndpoint(url, null, Duration.ofSeconds(1), new FakeClock()));
  }
}
