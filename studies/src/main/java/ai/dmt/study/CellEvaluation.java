package ai.dmt.study;

import ai.dmt.evaluation.BenchmarkOutcome;
import java.io.IOException;
import java.nio.file.Path;

/** Scores a model on a benchmark, as {@code dmt evaluate} does. */
public interface CellEvaluation {
  /** Name of the report in the folder that {@link #evaluate} fills. */
  String REPORT_FILE = BenchmarkOutcome.REPORT_FILE;

  /**
   * Generates completions and scores them. The same model and settings give the same scores.
   *
   * @param benchmark name of its evaluator
   * @param settings of the study
   * @param model folder with weights, tokenizer and template
   * @param folder empty; takes the completions, and the scores as {@link #REPORT_FILE}
   * @return the scores in one line, for people
   * @throws MissingScoreException if this machine cannot score it, though nothing failed
   * @throws IOException if a file cannot be read or written
   */
  String evaluate(String benchmark, BenchmarkRecipe settings, Path model, Path folder)
      throws IOException;
}
