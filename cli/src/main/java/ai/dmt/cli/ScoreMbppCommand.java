package ai.dmt.cli;

import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.Evaluators;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt score mbpp}: runs completions against their assertions, in a sandbox. */
@Command(
    name = "mbpp",
    description = {
      "Scores MBPP completions by running them against their assertions: pass@1.",
      "Runs what a model wrote, in a bubblewrap sandbox (package bubblewrap) without network."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ScoreMbppCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--problems",
      required = true,
      paramLabel = "FILE",
      description = "mbpp.jsonl, sanitized-mbpp.json, or any file of their fields.")
  private Path problems;

  @Option(
      names = "--completions",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines {\"task_id\" or \"id\", \"completion\"}.")
  private Path completions;

  @Option(names = "--allow-code-execution", description = "Needed: nothing runs without it.")
  private boolean allowed;

  @Option(
      names = "--mode",
      defaultValue = "lm-eval",
      paramLabel = "MODE",
      description =
          "How a program is made of a completion: lm-eval, lm-eval-instruct, fence (default:"
              + " ${DEFAULT-VALUE}).")
  private String mode;

  @Option(
      names = "--split",
      defaultValue = "test",
      paramLabel = "PART",
      description = "test (task_id 11 to 510) or all (default: ${DEFAULT-VALUE}).")
  private String split;

  @Option(names = "--limit", paramLabel = "N", description = "Score the first N problems only.")
  private Integer limit;

  @Mixin private ReportOptions output;

  @Override
  public Integer call() {
    if (!allowed) {
      throw new ParameterException(
          spec.commandLine(),
          "scoring runs programs that a model wrote; say --allow-code-execution to let them run"
              + " in a sandbox");
    }
    output.check();
    BenchmarkOptions options =
        new BenchmarkOptions(
            limit, Map.of("mode", mode, "split", split, Evaluator.ALLOW_CODE_EXECUTION, "true"));
    output.report(
        Evaluators.byName("mbpp").open(problems, options).score(CompletionFile.read(completions)));
    return ExitCode.OK;
  }
}
