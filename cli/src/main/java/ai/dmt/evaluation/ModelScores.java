package ai.dmt.evaluation;

import ai.dmt.evaluators.ReportFile;
import ai.dmt.evaluators.ScoreReport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found out about a model.
 *
 * @param model name
 * @param folder of the model
 * @param reports in the order asked for
 * @param missing benchmarks without scores, and why; never counted as zero
 */
public record ModelScores(
    String model, String folder, List<ScoreReport> reports, Map<String, String> missing) {
  /** Keeps the orders. */
  public ModelScores {
    reports = List.copyOf(reports);
    missing = new LinkedHashMap<>(missing);
  }

  /** Writes the scores of several models to one file, in one step. */
  public static void write(Path file, List<ModelScores> models) {
    ReportFile.write(file, Map.of("models", models));
  }
}
