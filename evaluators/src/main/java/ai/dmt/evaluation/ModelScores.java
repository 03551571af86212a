package ai.dmt.evaluation;

import ai.dmt.evaluators.ReportFile;
import ai.dmt.evaluators.ScoreReport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
  /**
   * Keeps the orders.
   *
   * @param model name
   * @param folder of the model
   * @param reports in the order asked for
   * @param missing benchmarks without scores, and why; never counted as zero
   */
  public ModelScores {
    Objects.requireNonNull(model, "\"model\" is missing");
    reports = List.copyOf(Objects.requireNonNull(reports, "\"reports\" is missing"));
    missing = new LinkedHashMap<>(Objects.requireNonNull(missing, "\"missing\" is missing"));
  }

  /** What a file holds. */
  private record Models(List<ModelScores> models) {
    Models {
      models = List.copyOf(Objects.requireNonNull(models, "\"models\" is missing"));
    }
  }

  /**
   * Writes the scores of several models to one file, in one step.
   *
   * @param file replaced if it is there
   * @param models in the order of the file
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void write(Path file, List<ModelScores> models) {
    ReportFile.write(file, new Models(models));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param file that {@link #write} wrote
   * @return the models in the order of the file
   * @throws ai.dmt.data.DataException naming file and key, if a key is unknown, missing or of the
   *     wrong kind
   */
  public static List<ModelScores> read(Path file) {
    return ReportFile.read(file, Models.class).models();
  }
}
