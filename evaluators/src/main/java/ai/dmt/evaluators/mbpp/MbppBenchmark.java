package ai.dmt.evaluators.mbpp;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.AnsweredProblems;
import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Fingerprint;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.sandbox.ProgramOutcome;
import ai.dmt.evaluators.sandbox.PythonProgram;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import ai.dmt.evaluators.statistics.Intervals;
import ai.dmt.evaluators.statistics.PassAtK;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Problems of MBPP with the way they are put and scored.
 *
 * @param all problems of the file
 * @param wanted those of them that are put and scored
 * @param fault why completions cannot run; null if they can
 */
record MbppBenchmark(
    List<MbppProblem> all,
    List<MbppProblem> wanted,
    MbppPrompt prompt,
    MbppMode mode,
    SandboxSettings sandbox,
    @Nullable String fault)
    implements Benchmark {
  /** Raised whenever a golden verdict changes. */
  private static final String VERSION = "1";

  private static final long BOOTSTRAP_SEED = 500;

  @Override
  public List<Prompt> prompts() {
    return wanted.stream().map(prompt::of).toList();
  }

  @Override
  public Optional<String> unscorable() {
    return Optional.ofNullable(fault);
  }

  /**
   * Runs the completions, all of them as samples: pass@1.
   *
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  @Override
  public ScoreReport score(List<CompletionRecord> completions) {
    if (fault != null) {
      throw new ConfigException(fault);
    }
    Map<String, List<CompletionRecord>> answers =
        AnsweredProblems.of(ids(all), ids(wanted), completions, Missing.REFUSED);
    List<PythonProgram> programs = new ArrayList<>();
    for (MbppProblem problem : wanted) {
      for (CompletionRecord each : Objects.requireNonNull(answers.get(problem.taskId()))) {
        programs.add(PythonProgram.tested(mode.program(each.completion()), problem.test()));
      }
    }
    int samples = programs.size() / wanted.size();
    List<ProgramOutcome> outcomes = run(programs);
    List<ItemVerdict> items = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      Integer sample = samples == 1 ? null : i % samples;
      String id = wanted.get(i / samples).taskId();
      items.add(new ItemVerdict(id, mode.text(), sample, outcomes.get(i).text(), null));
    }
    Fingerprint fingerprint = new Fingerprint();
    wanted.forEach(each -> fingerprint.add(each.taskId()).add(each.text()).add(each.test()));
    return new ScoreReport(MbppEvaluator.NAME, VERSION, List.of(score(items, samples)), items)
        .withProblems(fingerprint.text());
  }

  private List<ProgramOutcome> run(List<PythonProgram> programs) {
    try (Sandbox open = Sandbox.open(sandbox)) {
      return open.runAll(programs, done -> {});
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private Score score(List<ItemVerdict> items, int samples) {
    double[] estimates = new double[wanted.size()];
    long passed = 0;
    for (int p = 0; p < estimates.length; p++) {
      int own =
          (int)
              items.subList(p * samples, (p + 1) * samples).stream()
                  .filter(ItemVerdict::solved)
                  .count();
      estimates[p] = PassAtK.estimate(samples, own, 1);
      passed += own;
    }
    long total = wanted.size();
    double mean = (double) passed / items.size();
    return samples == 1
        ? new Score("pass@1", mode.text(), passed, total, mean, Intervals.wilson(passed, total))
        : new Score(
            "pass@1",
            mode.text(),
            null,
            total,
            mean,
            Intervals.bootstrapMean(estimates, BOOTSTRAP_SEED));
  }

  private static List<String> ids(List<MbppProblem> problems) {
    return problems.stream().map(MbppProblem::taskId).toList();
  }
}
