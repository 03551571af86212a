package ai.dmt.evaluators.transfer;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.ReportFile;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.Comparison;
import ai.dmt.evaluators.comparison.ComparisonOptions;
import ai.dmt.evaluators.comparison.ModelPair;
import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoreComparison.Unit;
import ai.dmt.evaluators.comparison.ScoredModel;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the stages of a run did to each ability.
 *
 * @param stages names of models in their order; the first may be the one that the run began with
 * @param columns every score by stage
 * @param backward of each score whose ability an earlier stage trained: from the model after that
 *     stage to the last
 * @param means backward transfer over abilities
 * @param conflict of each score of an ability with a model of its own: from the model trained on
 *     one source alone to the last stage's
 * @param tests how many p-values Holm's correction is over
 * @param notes what was not compared, and why
 */
@JsonPropertyOrder({
  "stages",
  "columns",
  "backward",
  "backward_means",
  "conflict",
  "tests",
  "notes"
})
public record StageTransfer(
    List<String> stages,
    List<StageColumn> columns,
    List<ScoreComparison> backward,
    @JsonProperty("backward_means") List<MeanTransfer> means,
    List<ScoreComparison> conflict,
    int tests,
    List<String> notes) {
  /**
   * Compares the models of stages, and singles with the last of them.
   *
   * @param models of the stages, at least two
   * @param singles models trained on one source alone, by ability
   * @param abilities which ability a score is of, and which stage trained it
   * @param options which scores, and whether on common problems only
   * @return scores by stage, backward transfer and conflict
   * @throws ConfigException if there are too few, or if two models cannot be compared
   */
  public static StageTransfer of(
      List<ScoredModel> models,
      Map<String, ScoredModel> singles,
      Abilities abilities,
      ComparisonOptions options) {
    if (models.size() < 2) {
      throw new ConfigException(
          "transfer needs the models of two stages or more, got %s"
              .formatted(models.stream().map(ScoredModel::name).toList()));
    }
    List<String> stages = models.stream().map(ScoredModel::name).toList();
    List<StageColumn> columns = columns(models, stages, abilities, options);
    List<String> notes = new ArrayList<>();
    List<ScoreComparison> all = backward(models, columns, abilities, options, notes);
    int numBackward = all.size();
    ScoredModel last = models.get(models.size() - 1);
    for (Map.Entry<String, ScoredModel> single : singles.entrySet()) {
      all.addAll(compare(single.getValue(), last, single.getKey(), abilities, options, notes));
    }
    List<ScoreComparison> corrected = Comparison.correct(all);
    List<ScoreComparison> backward = corrected.subList(0, numBackward);
    return new StageTransfer(
        stages,
        columns,
        backward,
        MeanTransfer.of(backward, abilities),
        corrected.subList(numBackward, corrected.size()),
        (int) corrected.stream().filter(each -> each.paired() != null).count(),
        notes.stream().distinct().toList());
  }

  private static List<StageColumn> columns(
      List<ScoredModel> models,
      List<String> stages,
      Abilities abilities,
      ComparisonOptions options) {
    Map<String, StageColumn> columns = new LinkedHashMap<>();
    for (ScoredModel model : models) {
      for (ScoreReport report : model.reports()) {
        for (Score score : report.scores()) {
          if (options.wantsBenchmark(report.benchmark()) && options.wants(score)) {
            StageColumn column = column(models, stages, abilities, report, score);
            columns.putIfAbsent(column.title(), column);
          }
        }
      }
    }
    if (columns.isEmpty()) {
      throw new ConfigException(
          "no stage of %s has a score that was asked for".formatted(String.join(", ", stages)));
    }
    return List.copyOf(columns.values());
  }

  private static StageColumn column(
      List<ScoredModel> models,
      List<String> stages,
      Abilities abilities,
      ScoreReport report,
      Score score) {
    List<StageColumn.@Nullable Cell> cells = new ArrayList<>();
    for (ScoredModel model : models) {
      cells.add(
          model
              .report(report.benchmark())
              .flatMap(each -> find(each, score))
              .map(each -> new StageColumn.Cell(each.score(), each.interval()))
              .orElse(null));
    }
    String ability = abilities.of(report.benchmark(), score.name());
    return new StageColumn(
        report.benchmark(),
        score.name(),
        score.mode(),
        report.inPoints() ? Unit.POINTS : Unit.SHARE,
        ability,
        abilities.stage(ability, stages).map(stages::get).orElse(null),
        cells);
  }

  private static Optional<Score> find(ScoreReport report, Score wanted) {
    return report.scores().stream()
        .filter(each -> each.name().equals(wanted.name()))
        .filter(each -> Objects.equals(each.mode(), wanted.mode()))
        .findFirst();
  }

  private static List<ScoreComparison> backward(
      List<ScoredModel> models,
      List<StageColumn> columns,
      Abilities abilities,
      ComparisonOptions options,
      List<String> notes) {
    List<ScoreComparison> backward = new ArrayList<>();
    List<String> stages = models.stream().map(ScoredModel::name).toList();
    int last = models.size() - 1;
    for (String ability : columns.stream().map(StageColumn::ability).distinct().toList()) {
      Optional<Integer> stage = abilities.stage(ability, stages);
      if (stage.isEmpty()) {
        notes.add(
            "no backward transfer of %s: no stage is known to have trained it".formatted(ability));
      } else if (stage.get() == last) {
        notes.add("no backward transfer of %s: the last stage trained it".formatted(ability));
      } else {
        backward.addAll(
            compare(models.get(stage.get()), models.get(last), ability, abilities, options, notes));
      }
    }
    return backward;
  }

  /** What both have of an ability; the singles' and stages' other scores are none of its matter. */
  private static List<ScoreComparison> compare(
      ScoredModel from,
      ScoredModel to,
      String ability,
      Abilities abilities,
      ComparisonOptions options,
      List<String> notes) {
    ModelPair.Result result =
        new ModelPair(of(from, ability, abilities), of(to, ability, abilities)).compare(options);
    notes.addAll(result.notes());
    return result.comparisons();
  }

  private static ScoredModel of(ScoredModel model, String ability, Abilities abilities) {
    return model.where(
        (report, score) -> abilities.of(report.benchmark(), score.name()).equals(ability));
  }

  /**
   * Writes all as JSON, in one step.
   *
   * @param file whose folder is there; replaced if it is there itself
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public void write(Path file) {
    ReportFile.write(file, this);
  }

  /** {@return the result for people: scores by stage, backward transfer, conflict} */
  public String text() {
    return TransferTable.text(this);
  }
}
