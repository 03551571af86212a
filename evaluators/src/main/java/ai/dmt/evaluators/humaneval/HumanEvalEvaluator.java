package ai.dmt.evaluators.humaneval;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.sandbox.CodeExecution;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * HumanEval as a service. Settings: {@code prompt}, see {@link HumanEvalPrompt}, default "chat";
 * {@code mode}, see {@link HumanEvalMode}, default the prompt's; {@code timeout} of a program in
 * seconds, for problems with many tests such as HumanEval+'s; {@code allow-code-execution}, "true"
 * to let completions run in the sandbox, "false" where only prompts are wanted.
 */
public final class HumanEvalEvaluator implements Evaluator {
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
    SandboxSettings sandbox = sandbox(options.setting("timeout", ""));
    String fault = CodeExecution.fault(name(), options, sandbox).orElse(null);
    return new HumanEvalBenchmark(
        HumanEvalProblem.read(problems),
        options.limit() == null ? Integer.MAX_VALUE : options.limit(),
        prompt,
        new HumanEvalScorer(mode, sandbox),
        fault);
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
}
