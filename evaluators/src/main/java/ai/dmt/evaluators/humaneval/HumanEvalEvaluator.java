package ai.dmt.evaluators.humaneval;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * HumanEval as a service. Settings: {@code prompt}, see {@link HumanEvalPrompt}, default "chat";
 * {@code mode}, see {@link HumanEvalMode}, default the prompt's; {@code timeout} of a program in
 * seconds, for problems with many tests such as HumanEval+'s; {@code allow-code-execution}, "true"
 * to let completions run in the sandbox, "false" where only prompts are wanted.
 */
public final class HumanEvalEvaluator implements Evaluator {
  private static final String NOT_ALLOWED =
      "programs that a model wrote are not allowed to run: %s=false"
          .formatted(ALLOW_CODE_EXECUTION);

  @Override
  public String name() {
    return HumanEvalResult.NAME;
  }

  @Override
  public boolean runsCode() {
    return true;
  }

  /** Reads the problems; where code may run, a sandbox is tried: before anything is generated. */
  @Override
  public Benchmark open(Path problems, BenchmarkOptions options) {
    options.allowOnly("prompt", "mode", "timeout", ALLOW_CODE_EXECUTION);
    HumanEvalPrompt prompt =
        HumanEvalPrompt.of(options.setting("prompt", HumanEvalPrompt.CHAT.text()));
    HumanEvalMode mode = HumanEvalMode.of(options.setting("mode", prompt.usualMode().text()));
    boolean allowed = isAllowed(options.setting(ALLOW_CODE_EXECUTION, ""));
    SandboxSettings sandbox = sandbox(options.setting("timeout", ""));
    return new HumanEvalBenchmark(
        HumanEvalProblem.read(problems),
        options.limit() == null ? Integer.MAX_VALUE : options.limit(),
        prompt,
        new HumanEvalScorer(mode, sandbox),
        allowed ? withoutSandbox(sandbox) : NOT_ALLOWED);
  }

  private static SandboxSettings sandbox(String timeout) {
    SandboxSettings standard = SandboxSettings.defaults();
    if (timeout.isEmpty()) {
      return standard;
    }
    try {
      long milliseconds = Math.round(1000 * Double.parseDouble(timeout));
      return standard.withLimits(standard.limits().withWallClock(Duration.ofMillis(milliseconds)));
    } catch (NumberFormatException e) {
      throw new ConfigException(
          "timeout of humaneval must be a number of seconds, got \"%s\"".formatted(timeout), e);
    }
  }

  /** Why there is no sandbox; null if there is one. */
  private static @Nullable String withoutSandbox(SandboxSettings settings) {
    try {
      Sandbox.open(settings).close();
      return null;
    } catch (ConfigException e) {
      return e.getMessage();
    }
  }

  private static boolean isAllowed(String setting) {
    return switch (setting) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new ConfigException(
              ("humaneval runs programs that a model wrote: %s must be true to let them run in a"
                      + " sandbox, or false where only prompts are wanted, got \"%s\"")
                  .formatted(ALLOW_CODE_EXECUTION, setting));
    };
  }
}
