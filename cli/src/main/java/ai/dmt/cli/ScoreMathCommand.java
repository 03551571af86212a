package ai.dmt.cli;

import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.math.MathMode;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dmt score math}: completions of MATH's problems. */
@Command(
    name = "math",
    description = {
      "Scores completions of MATH as text, by the rules of its authors and of lm-evaluation-harness.",
      "Completions are JSON lines {\"id\", \"completion\"}; the id is the problem's line, from 0."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ScoreMathCommand implements Callable<Integer> {
  @Option(
      names = "--problems",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "MATH's problems: {\"problem\", \"solution\"}.")
  private Path problems;

  @Option(
      names = "--completions",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "What the model answered.")
  private Path completions;

  @Option(
      names = "--mode",
      defaultValue = MathMode.ALL,
      paramLabel = "MODE",
      description =
          "boxed, hendrycks, minerva-text, or all of these; several with commas (default:"
              + " ${DEFAULT-VALUE}).")
  private String mode;

  @Option(names = "--limit", paramLabel = "N", description = "Score the first N problems only.")
  private Integer limit;

  @Mixin private ReportOptions output;

  @Override
  public Integer call() {
    output.check();
    BenchmarkOptions options = new BenchmarkOptions(limit, Map.of("mode", mode));
    output.report(
        Evaluators.byName("math").open(problems, options).score(CompletionFile.read(completions)));
    return ExitCode.OK;
  }
}
