package ai.dmt.evaluators;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Problems of a benchmark, ready to be put to a model and scored. */
public interface Benchmark {
  /** {@return what a model is asked first, in the problems' order} */
  List<Prompt> prompts();

  /**
   * What it is asked after that, such as the next turn of a conversation. Asked for again after
   * every round, until there is nothing.
   *
   * @param answered completions of all prompts so far, round after round, one each
   * @return empty where nothing follows, which is the rule
   */
  default List<Prompt> followUps(List<CompletionRecord> answered) {
    return List.of();
  }

  /**
   * {@return why completions cannot be scored on this machine, though they can be made; empty if
   * they can}
   */
  default Optional<String> unscorable() {
    return Optional.empty();
  }

  /**
   * Scores completions, which may come from a file that was written long ago.
   *
   * @param completions of the prompts' ids, in any order; several of one id are samples, or, where
   *     prompts follow up, the answers of its rounds in their order
   * @return all scores, with a verdict for every item
   * @throws ai.dmt.data.DataException if a problem has none, or an id belongs to no problem
   * @throws ai.dmt.config.ConfigException if they are {@link #unscorable}
   */
  ScoreReport score(List<CompletionRecord> completions);

  /**
   * Writes completions in the benchmark's own format, for its own tools; nothing where it has none.
   *
   * @param model name
   * @param completions as {@link #score} takes them
   * @param folder that exists
   * @throws java.io.UncheckedIOException if a file cannot be written
   */
  default void export(String model, List<CompletionRecord> completions, Path folder) {}
}
