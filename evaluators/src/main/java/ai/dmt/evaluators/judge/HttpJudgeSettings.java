package ai.dmt.evaluators.judge;

import ai.dmt.internal.text.Faults;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a judge is asked.
 *
 * @param baseUrl such as https://api.openai.com/v1
 * @param model that is asked there
 * @param key sent as bearer token; null for none
 * @param timeout for one whole exchange
 * @param requestsPerMinute of all threads together; 0 for no limit
 * @param backoff tries and waits
 */
public record HttpJudgeSettings(
    String baseUrl,
    String model,
    @Nullable String key,
    Duration timeout,
    double requestsPerMinute,
    Backoff backoff) {
  /**
   * Checks the numbers.
   *
   * @param baseUrl such as https://api.openai.com/v1
   * @param model that is asked there
   * @param key sent as bearer token; null for none
   * @param timeout for one whole exchange
   * @param requestsPerMinute of all threads together; 0 for no limit
   * @param backoff tries and waits
   */
  public HttpJudgeSettings {
    new Faults("judge")
        .positive("timeout (milliseconds)", timeout.toMillis())
        .notNegative("requests per minute", requestsPerMinute)
        .require(!model.isBlank(), "the model's name is empty")
        .throwIfAny();
  }

  /**
   * {@return a judge without key and limit: two minutes for an exchange, 16 tries with the standard
   * waits}
   *
   * @param baseUrl such as https://api.openai.com/v1
   * @param model that is asked there
   * @throws ai.dmt.config.ConfigException if the model's name is empty
   */
  public static HttpJudgeSettings of(String baseUrl, String model) {
    return new HttpJudgeSettings(
        baseUrl,
        model,
        null,
        Duration.ofMinutes(2),
        0,
        Backoff.standard(16, () -> ThreadLocalRandom.current().nextDouble()));
  }

  /**
   * {@return a copy with another {@link #key()}}
   *
   * @param token sent as bearer token; null for none
   */
  public HttpJudgeSettings withKey(@Nullable String token) {
    return new HttpJudgeSettings(baseUrl, model, token, timeout, requestsPerMinute, backoff);
  }

  /**
   * {@return a copy with another {@link #timeout()}}
   *
   * @param time for one whole exchange; positive
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public HttpJudgeSettings withTimeout(Duration time) {
    return new HttpJudgeSettings(baseUrl, model, key, time, requestsPerMinute, backoff);
  }

  /**
   * {@return a copy with another {@link #requestsPerMinute()}}
   *
   * @param most of all threads together; 0 for no limit
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public HttpJudgeSettings withRequestsPerMinute(double most) {
    return new HttpJudgeSettings(baseUrl, model, key, timeout, most, backoff);
  }

  /**
   * {@return a copy with another {@link #backoff()}}
   *
   * @param tries tries and waits
   */
  public HttpJudgeSettings withBackoff(Backoff tries) {
    return new HttpJudgeSettings(baseUrl, model, key, timeout, requestsPerMinute, tries);
  }

  /** Without the key, which belongs in no log. */
  @Override
  public String toString() {
    return "HttpJudgeSettings[baseUrl=%s, model=%s]".formatted(baseUrl, model);
  }
}
