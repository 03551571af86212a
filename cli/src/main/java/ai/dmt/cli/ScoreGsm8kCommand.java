package ai.dmt.cli;

import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.gsm8k.Gsm8kMode;
import ai.dmt.evaluators.gsm8k.Gsm8kNotes;
import ai.dmt.evaluators.gsm8k.Gsm8kProblem;
import ai.dmt.evaluators.gsm8k.Gsm8kScorer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt score gsm8k}: completions of GSM8K's problems. */
@Command(
    name = "gsm8k",
    description = {
      "Scores completions of GSM8K by the rules of one harness or of several.",
      "Completions are JSON lines {\"id\", \"completion\"}; the id is the problem's line, from 0."
          + " Several completions of each problem give pass@k and maj@k."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ScoreGsm8kCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--problems",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "GSM8K's file: {\"question\", \"answer\"}.")
  private Path problems;

  @Option(
      names = "--completions",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "What the model answered.")
  private Path completions;

  @Option(
      names = "--mode",
      defaultValue = Gsm8kMode.ALL,
      paramLabel = "MODE",
      description =
          "openai, screl, lm-eval-strict, lm-eval-flexible, last-number, or all of these; also"
              + " lm-eval-cot-strict and llm-foundry; several with commas (default:"
              + " ${DEFAULT-VALUE}).")
  private String mode;

  @Option(
      names = "--k",
      split = ",",
      paramLabel = "K",
      description =
          "Of pass@k and maj@k, several with commas (default: 1 and as many completions as a"
              + " problem has).")
  private Set<Integer> ks = Set.of();

  @Option(names = "--limit", paramLabel = "N", description = "Score the first N problems only.")
  private Integer limit;

  @Option(
      names = "--subset",
      description = "Score the problems that have completions; without it none may be missing.")
  private boolean subset;

  @Mixin private ReportOptions output;

  @Override
  public Integer call() {
    Gsm8kScorer scorer = new Gsm8kScorer(Gsm8kMode.parse(mode), ks);
    BenchmarkOptions options = new BenchmarkOptions(limit, Map.of());
    List<Gsm8kProblem> all = Gsm8kProblem.read(problems);
    List<CompletionRecord> answers = CompletionFile.read(completions);
    Missing missing = subset ? Missing.LEFT_OUT : Missing.REFUSED;
    ScoreReport report = scorer.score(all, options.limited(all), answers, missing);
    output.report(report);
    PrintWriter out = spec.commandLine().getOut();
    out.print("\n" + Gsm8kNotes.text(report));
    out.flush();
    return ExitCode.OK;
  }
}
