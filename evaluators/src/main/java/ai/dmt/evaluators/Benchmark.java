package ai.dmt.evaluators;

import java.util.List;

/** Problems of a benchmark, ready to be put to a model and scored. */
public interface Benchmark {
  /** One prompt a problem, in the problems' order. */
  List<Prompt> prompts();

  /**
   * Scores completions, which may come from a file that was written long ago.
   *
   * @param completions of these prompts' ids, in any order; several of one id are samples
   * @throws ai.dmt.data.DataException if a problem has none, or an id belongs to no problem
   */
  ScoreReport score(List<CompletionRecord> completions);
}
