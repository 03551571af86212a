package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import java.util.Optional;

/** Whether programs that a model wrote may run for a benchmark, and whether they can. */
public final class CodeExecution {
  private CodeExecution() {}

  /**
   * Reads what the user allows and, where that is needed, tries a sandbox: before anything is
   * generated.
   *
   * @param benchmark its name
   * @param options of the user, with {@link Evaluator#ALLOW_CODE_EXECUTION}
   * @param settings of the sandbox
   * @return why programs cannot run; empty if they can
   * @throws ConfigException if the user says neither yes nor no
   */
  public static Optional<String> fault(
      String benchmark, BenchmarkOptions options, SandboxSettings settings) {
    String allowed = options.setting(Evaluator.ALLOW_CODE_EXECUTION, "");
    return switch (allowed) {
      case "true" -> withoutSandbox(settings);
      case "false" ->
          Optional.of(
              "programs that a model wrote are not allowed to run: %s=false"
                  .formatted(Evaluator.ALLOW_CODE_EXECUTION));
      default ->
          throw new ConfigException(
              ("%s runs programs that a model wrote: %s must be true to let them run in a"
                      + " sandbox, or false where only prompts are wanted, got \"%s\"")
                  .formatted(benchmark, Evaluator.ALLOW_CODE_EXECUTION, allowed));
    };
  }

  private static Optional<String> withoutSandbox(SandboxSettings settings) {
    try {
      Sandbox.open(settings).close();
      return Optional.empty();
    } catch (ConfigException e) {
      return Optional.of(e.getMessage());
    }
  }
}
