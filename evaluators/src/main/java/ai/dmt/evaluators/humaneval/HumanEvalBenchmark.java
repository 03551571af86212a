package ai.dmt.evaluators.humaneval;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.ScoreReport;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Problems of HumanEval with the way they are put and scored.
 *
 * @param all problems of the file
 * @param limit only the first so many are put and scored
 * @param allowed whether completions may run
 */
record HumanEvalBenchmark(
    List<HumanEvalProblem> all,
    int limit,
    HumanEvalPrompt prompt,
    HumanEvalScorer scorer,
    boolean allowed)
    implements Benchmark {
  @Override
  public List<Prompt> prompts() {
    return all.stream().limit(limit).map(problem -> prompt.of(problem, scorer.mode())).toList();
  }

  /**
   * Runs the completions; pass@1, @10 and @100 where there are as many.
   *
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  @Override
  public ScoreReport score(List<CompletionRecord> completions) {
    if (!allowed) {
      throw new ConfigException(
          "completions of humaneval were not allowed to run: %s=false"
              .formatted(HumanEvalEvaluator.ALLOW));
    }
    HumanEvalSamples samples = HumanEvalSamples.of(all, completions, limit);
    try {
      return scorer.run(samples, done -> {}).report(HumanEvalResult.USUAL_KS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }
}
