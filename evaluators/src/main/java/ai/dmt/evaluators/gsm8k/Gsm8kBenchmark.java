package ai.dmt.evaluators.gsm8k;

import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.ScoreReport;
import java.util.List;

/**
 * Problems of GSM8K with the way they are put and scored.
 *
 * @param all problems of the file
 * @param wanted those of them that are put and scored
 */
record Gsm8kBenchmark(
    List<Gsm8kProblem> all, List<Gsm8kProblem> wanted, Gsm8kPrompt prompt, Gsm8kScorer scorer)
    implements Benchmark {
  @Override
  public List<Prompt> prompts() {
    return wanted.stream().map(prompt::of).toList();
  }

  @Override
  public ScoreReport score(List<CompletionRecord> completions) {
    return scorer.score(all, wanted, completions, Missing.REFUSED);
  }
}
