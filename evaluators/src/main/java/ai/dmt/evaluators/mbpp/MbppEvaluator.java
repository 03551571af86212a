package ai.dmt.evaluators.mbpp;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.sandbox.CodeExecution;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * MBPP as a service. Settings: {@code split}, "test" (default: the problems 11 to 510, as papers
 * report) or "all"; {@code prompt}, "chat" (default) or "raw"; {@code mode}, "lm-eval",
 * "lm-eval-instruct" or "fence", default the prompt's; {@code allow-code-execution}, "true" to let
 * completions run in the sandbox, "false" where only prompts are wanted.
 */
public final class MbppEvaluator implements Evaluator {
  static final String NAME = "mbpp";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean runsCode() {
    return true;
  }

  /** Reads the problems; where code may run, a sandbox is tried: before anything is generated. */
  @Override
  public Benchmark open(Path problems, BenchmarkOptions options) {
    options.allowOnly("split", "prompt", "mode", ALLOW_CODE_EXECUTION);
    MbppPrompt prompt = MbppPrompt.parse(options.setting("prompt", "chat"));
    MbppMode mode = MbppMode.of(options.setting("mode", prompt.usualMode().text()));
    SandboxSettings sandbox = SandboxSettings.defaults();
    String fault = CodeExecution.fault(NAME, options, sandbox).orElse(null);
    List<MbppProblem> all = MbppProblem.read(problems);
    List<MbppProblem> part = part(all, options.setting("split", "test"), problems);
    return new MbppBenchmark(all, options.limited(part), prompt, mode, sandbox, fault);
  }

  private static List<MbppProblem> part(List<MbppProblem> all, String split, Path file) {
    if (split.equals("all")) {
      return all;
    }
    if (!split.equals("test")) {
      throw new ConfigException("split of mbpp must be test or all, got \"%s\"".formatted(split));
    }
    List<MbppProblem> test = all.stream().filter(MbppProblem::isTest).toList();
    if (test.isEmpty()) {
      throw new ConfigException(
          "%s has no problem of the part test, task_id 11 to 510; split=all takes others"
              .formatted(file));
    }
    return test;
  }
}
