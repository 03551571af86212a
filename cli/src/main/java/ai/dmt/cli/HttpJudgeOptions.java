package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.judge.Backoff;
import ai.dmt.evaluators.judge.HttpJudge;
import ai.dmt.evaluators.judge.HttpJudgeSettings;
import ai.dmt.evaluators.judge.JudgeClock;
import ai.dmt.evaluators.judge.JudgeListener;
import ai.dmt.evaluators.mtbench.JudgePrompts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;

/** Options of a judge behind an HTTP endpoint. */
final class HttpJudgeOptions {
  @Option(
      names = "--base-url",
      required = true,
      paramLabel = "URL",
      description =
          "Endpoint in the form of OpenAI's, such as https://api.openai.com/v1; requests go to"
              + " URL/chat/completions.")
  private String baseUrl;

  @Option(
      names = "--judge-model",
      required = true,
      paramLabel = "NAME",
      description = "Model that is asked there.")
  private String model;

  @Option(
      names = "--prompts",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "FastChat's judge_prompts.jsonl.")
  private Path prompts;

  @Option(
      names = "--references",
      paramLabel = "FILE.jsonl",
      description = "Reference answers for questions of math, reasoning and coding.")
  private Path references;

  @Option(
      names = "--judge-name",
      paramLabel = "NAME",
      description = "Judge's name in the output (default: the judge's model).")
  private String name;

  @Option(
      names = "--api-key-env",
      paramLabel = "NAME",
      description = "Environment variable that holds the key; without it no key is sent.")
  private String keyVariable;

  @Option(
      names = "--requests-per-minute",
      defaultValue = "0",
      paramLabel = "N",
      description = "Limit, evenly spaced; 0 for none (default: ${DEFAULT-VALUE}).")
  private double requestsPerMinute;

  @Option(
      names = "--timeout",
      defaultValue = "120",
      paramLabel = "SECONDS",
      description = "For one reply (default: ${DEFAULT-VALUE}).")
  private double timeoutSeconds;

  @Option(
      names = "--max-tries",
      defaultValue = "16",
      paramLabel = "N",
      description =
          "Of one request, with growing random waits between them (default: ${DEFAULT-VALUE}).")
  private int maxTries;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Replies that need not be asked for again (default: OUTPUT.cache).")
  private Path cache;

  /** Reference answers; null if none were given. */
  Path references() {
    return references;
  }

  HttpJudge judge(Path output, JudgeClock clock, JudgeListener listener) {
    HttpJudgeSettings settings =
        HttpJudgeSettings.of(baseUrl, model)
            .withKey(key())
            .withTimeout(Duration.ofMillis(Math.round(timeoutSeconds * 1000)))
            .withRequestsPerMinute(requestsPerMinute)
            .withBackoff(
                Backoff.standard(maxTries, () -> ThreadLocalRandom.current().nextDouble()));
    Path replies = cache != null ? cache : output.resolveSibling(output.getFileName() + ".cache");
    return new HttpJudge(
        name != null ? name : model, new JudgePrompts(prompts), settings, replies, clock, listener);
  }

  private String key() {
    if (keyVariable == null) {
      return null;
    }
    String key = System.getenv(keyVariable);
    if (key == null) {
      throw new ConfigException(
          "--api-key-env %s: the environment has no such variable".formatted(keyVariable));
    }
    return key;
  }
}
