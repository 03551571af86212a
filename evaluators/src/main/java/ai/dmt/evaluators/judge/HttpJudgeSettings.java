package ai.dmt.evaluators.judge;

import ai.dmt.internal.text.Faults;
import java.time.Duration;

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
    String key,
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

  /** Without the key, which belongs in no log. */
  @Override
  public String toString() {
    return "HttpJudgeSettings[baseUrl=%s, model=%s]".formatted(baseUrl, model);
  }
}
