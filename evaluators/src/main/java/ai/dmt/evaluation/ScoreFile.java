package ai.dmt.evaluation;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.ReportFile;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.ScoredModel;
import ai.dmt.internal.text.NearestName;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Scores as {@code dmt score --json} (one report) and {@code dmt evaluate --json} (several models)
 * write them. A word {@code FILE#MODEL} names one model of a file that has several.
 */
public final class ScoreFile {
  private ScoreFile() {}

  /**
   * The models of a file, or the one that is named.
   *
   * @param word FILE or FILE#MODEL
   * @return at least one; where the file has several, named FILE#MODEL
   * @throws DataException naming file and key, if the file is at fault
   * @throws ConfigException if it has no such model
   */
  public static List<ScoredModel> read(String word) {
    int hash = word.lastIndexOf('#');
    if (hash < 0 || Files.exists(Path.of(word))) {
      return all(word);
    }
    String file = word.substring(0, hash);
    List<ScoredModel> models = all(file);
    List<ScoredModel> named = models.stream().filter(each -> each.name().equals(word)).toList();
    if (named.isEmpty()) {
      throw new ConfigException(
          "%s: %s"
              .formatted(
                  word,
                  models.size() == 1 && models.get(0).name().equals(file)
                      ? file + " holds one model, which has no name"
                      : unknown(word.substring(hash + 1), file, models)));
    }
    return named;
  }

  private static String unknown(String model, String file, List<ScoredModel> models) {
    List<String> names =
        models.stream().map(each -> each.name().substring(file.length() + 1)).toList();
    return "%s has no model \"%s\"%s; it has %s"
        .formatted(
            file,
            model,
            NearestName.of(model, names)
                .map(near -> ", did you mean %s?".formatted(near))
                .orElse(""),
            String.join(", ", names));
  }

  /**
   * {@return the one model of a word, see {@link #read}}
   *
   * @param word FILE or FILE#MODEL
   * @throws ConfigException if there are several
   */
  public static ScoredModel readOne(String word) {
    List<ScoredModel> models = read(word);
    if (models.size() > 1) {
      throw new ConfigException(
          "%s has several models, name one: %s"
              .formatted(word, String.join(", ", models.stream().map(ScoredModel::name).toList())));
    }
    return models.get(0);
  }

  /**
   * {@return the models of a run's stages under the names of the stages}
   *
   * @param file with the scores of several models
   * @throws ConfigException if the file holds a single report
   */
  public static List<ScoredModel> ofRun(String file) {
    List<ScoredModel> models = all(file);
    if (models.size() == 1) {
      throw new ConfigException(
          file + " holds one model, expected those of a run's stages: dmt evaluate --run --json");
    }
    return models.stream()
        .map(each -> new ScoredModel(each.name().substring(file.length() + 1), each.reports()))
        .toList();
  }

  private static List<ScoredModel> all(String file) {
    Path path = Path.of(file);
    if (!ReportFile.read(path, JsonNode.class).has("models")) {
      return ScoredModel.of(file, ReportFile.read(path, ScoreReport.class));
    }
    List<ModelScores> models = ModelScores.read(path);
    if (models.isEmpty()) {
      throw new DataException(new Origin(file, 0), "\"models\" is empty, expected at least one");
    }
    return models.stream()
        .map(each -> new ScoredModel(file + "#" + each.model(), each.reports()))
        .toList();
  }
}
