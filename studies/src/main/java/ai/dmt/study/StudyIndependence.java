package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.ProblemValues;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.independence.AbilityMeter;
import ai.dmt.independence.HeldOutMeter;
import ai.dmt.independence.Independence;
import ai.dmt.independence.IndependenceStudy;
import ai.dmt.independence.IndependenceStudy.Models;
import ai.dmt.independence.IndependenceStudy.Retraining;
import ai.dmt.independence.IndependenceStudy.Settings;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.run.PreparedSources;
import ai.dmt.strategies.Strategies;
import ai.dmt.train.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether abilities of a study's model can be changed one by one: with the study's models of single
 * sources, its held-out samples, its data and its benchmarks. Nothing in the study's folder
 * changes.
 */
public final class StudyIndependence {
  private final StudyFolder folder;
  private final StudySetup setup;
  private final Options options;
  private final Function<String, @Nullable String> environment;
  private final Consumer<String> log;

  /**
   * What is done.
   *
   * @param settings of task vectors
   * @param joint group of the model that is changed, such as "multi-task"
   * @param retrain share of a source that the joint model is trained on again, in [0, 1]; 0 leaves
   *     that out
   * @param scores whether the study's benchmarks are answered, too
   */
  public record Options(Settings settings, String joint, double retrain, boolean scores) {
    /**
     * Checks the share.
     *
     * @param settings of task vectors
     * @param joint group of the model that is changed
     * @param retrain share of a source that the joint model is trained on again
     * @param scores whether the study's benchmarks are answered, too
     */
    public Options {
      if (!(retrain >= 0 && retrain <= 1)) {
        throw new ConfigException("retrain must be in [0, 1], got " + retrain);
      }
    }
  }

  /**
   * Reads the study.
   *
   * @param folder of a study whose strategies were trained
   * @param options what is done
   * @param environment value of a variable, such as a judge's key; null if there is none
   * @param log takes a line about each change
   * @throws ConfigException if there is no study
   * @throws IOException if it cannot be read
   */
  public StudyIndependence(
      StudyFolder folder,
      Options options,
      Function<String, @Nullable String> environment,
      Consumer<String> log)
      throws IOException {
    if (!Files.exists(folder.study())) {
      throw new ConfigException(
          "%s holds no study: there is no study.yaml".formatted(folder.root()));
    }
    this.folder = folder;
    this.setup = StudySetup.read(folder);
    this.options = options;
    this.environment = environment;
    this.log = log;
  }

  /**
   * Makes all changes to the first seed's joint model.
   *
   * @param work folder for one changed model at a time; emptied in the end
   * @return how all abilities moved
   * @throws ConfigException if models are missing, or nothing is held out
   * @throws IOException if a model cannot be read or written
   */
  public Independence run(Path work) throws IOException {
    try (StudyModels study = StudyModels.open(folder)) {
      StageNode joint = study.node(options.joint());
      Map<String, Path> tuned = new LinkedHashMap<>();
      for (String source : study.setup().study().recipe().sources().keySet()) {
        tuned.put(source, study.folder(source + " only"));
      }
      Models models =
          new Models(study.folder(StudyModels.BASE), study.folder(options.joint()), tuned);
      Retraining retraining =
          options.retrain() == 0
              ? null
              : (ability, target) -> retrain(ability, joint, study.sources(), target);
      return new IndependenceStudy(models, options.settings(), new Meter(study, work), log)
          .run(work, retraining);
    }
  }

  /** One more stage after the joint model, as the study's own are trained. */
  private Path retrain(String ability, StageNode joint, PreparedSources sources, Path target)
      throws IOException {
    Recipe shared = setup.study().recipe();
    List<String> changes =
        List.of(
            "strategy={name: individual, source: %s}".formatted(ability),
            "sources.%s.fraction=%s".formatted(ability, options.retrain()),
            "name=x");
    Recipe recipe =
        RecipeReader.parse(RecipeWriter.yaml(shared), "training on " + ability, changes);
    Schedule schedule = Strategies.plan(recipe, recipe.corpus(sources.sizes()));
    StageNode node =
        new StageNode(
            "retrained-" + ability,
            joint.key(),
            joint.base(),
            joint.size(),
            joint.loraRank(),
            schedule.stages().get(0),
            schedule.seed(),
            schedule.subsetSeed(),
            true, // in float32, as the changed models are
            "trained on " + ability);
    StageSize size =
        StageSize.of(node, sources.tables(), shared.training().globalTrainBatchSize(), Map.of());
    Files.createDirectories(target);
    new NodeTraining(shared, folder, sources, 0, () -> false)
        .train(node, sources.model().folder(), size, target);
    return target.resolve("model");
  }

  /** Measures with the study's settings. */
  private final class Meter implements AbilityMeter {
    private final HeldOutMeter heldOut;
    private final Path work;

    Meter(StudyModels study, Path work) {
      this.heldOut = new HeldOutMeter(study.heldOut(0), study.inference());
      this.work = work.resolveSibling(work.getFileName() + ".scores");
    }

    @Override
    public Map<String, PooledMean> losses(Path model) {
      return heldOut.losses(model);
    }

    @Override
    public List<AbilityScore> scores(Path model) throws IOException {
      List<AbilityScore> scores = new ArrayList<>();
      if (!options.scores()) {
        return scores;
      }
      // A folder of its own: answers that wait for a judge are kept by the model's place, which is
      // the same for all changed models.
      CellEvaluation evaluation =
          new BenchmarkEvaluation(setup.study(), new StudyFolder(work), environment);
      Path answered = work.resolve("answered");
      for (Map.Entry<String, BenchmarkRecipe> each : setup.study().benchmarks().entrySet()) {
        Disk.delete(work);
        Files.createDirectories(answered);
        try {
          evaluation.evaluate(each.getKey(), each.getValue(), model, answered);
        } catch (MissingScoreException e) {
          log.accept("%s: missing: %s".formatted(each.getKey(), e.getMessage()));
          continue;
        }
        ScoreReport report = ScoreReport.read(answered.resolve(CellEvaluation.REPORT_FILE));
        Score first = shown(report, each.getValue());
        ProblemValues.of(report, first)
            .ifPresent(
                values ->
                    scores.add(
                        new AbilityScore(
                            each.getKey() + " " + first.name(), each.getValue().source(), values)));
        log.accept(Units.format("  %s %s %.3f", each.getKey(), first.name(), first.score()));
      }
      Disk.delete(work);
      return scores;
    }

    private Score shown(ScoreReport report, BenchmarkRecipe settings) {
      if (settings.scores().isEmpty()) {
        return report.scores().get(0);
      }
      String title = settings.scores().get(0);
      return report.scores().stream()
          .filter(
              score ->
                  title.equals(
                      score.mode() == null ? score.name() : score.name() + "/" + score.mode()))
          .findFirst()
          .orElseThrow(
              () -> new ConfigException("there is no score %s of the benchmark".formatted(title)));
    }
  }
}
