import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.evaluation.AnswerSettings;
import ai.dmt.evaluation.BenchmarkOutcome;
import ai.dmt.evaluation.ModelEvaluation;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.comparison.Comparison;
import ai.dmt.evaluators.comparison.ComparisonOptions;
import ai.dmt.evaluators.comparison.ScoredModel;
import ai.dmt.model.Model;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.run.FineTuning;
import ai.dmt.run.RunHandle;
import ai.dmt.run.RunListener;
import ai.dmt.run.RunResult;
import ai.dmt.train.Ledger;
import ai.dmt.train.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Dual-stage mixed fine-tuning over three sources, and what it did to an ability. */
public final class Mixture {
  private Mixture() {}

  /** Arguments: model folder; files of math, code and chat; problems of math; output folder. */
  public static void main(String[] args) throws Exception {
    Path base = Path.of(args[0]);
    Path problems = Path.of(args[4]);
    FineTuning tuning =
        FineTuning.of(base)
            .specialized("math", Path.of(args[1]))
            .specialized("code", Path.of(args[2]))
            .general("chat", Path.of(args[3]))
            .strategy(StrategyRecipe.dmt(1 / 4.0))
            .training(t -> t.withNumTrainEpochs(1).withGlobalTrainBatchSize(16).withLearningRate(1e-3))
            .data(d -> d.withCutoffLen(256).withEvalFraction(0.05))
            .output(Path.of(args[5]))
            .build()
            .withListener(new BySource());

    try (RunHandle run = tuning.start()) {
      RunResult result = run.join();
      for (Ledger.Entry entry : result.ledger().entries()) {
        System.out.printf(
            "%s: %s asked %.4f, got %.4f of the samples%n",
            entry.stage(), entry.source(), entry.askedShare(), entry.realised().sampleShare());
      }
      result.after().ifPresent(after -> System.out.printf("held-out loss %.4f%n", after.loss()));

      List<ScoredModel> models = new ArrayList<>();
      models.addAll(ScoredModel.of("base", score(base, problems)));
      models.addAll(ScoredModel.of("tuned", score(result.model(), problems)));
      System.out.print(Comparison.of(models, ComparisonOptions.all()).text());
    }
  }

  private static ScoreReport score(Path folder, Path problems) {
    try (Model model = Model.open(folder)) {
      BenchmarkOutcome outcome =
          ModelEvaluation.of(model)
              .withAnswers(AnswerSettings.defaults().withMaxNewTokens(64))
              .run("gsm8k", problems, BenchmarkOptions.defaults().withLimit(40));
      return outcome.report();
    }
  }

  /** Prints each source's loss at the end of each stage. */
  private static final class BySource implements RunListener {
    private StepMetrics latest;

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      latest = metrics;
    }

    @Override
    public void onStageEnd(Progress progress) {
      System.out.printf("stage %s ends at step %d%n", progress.stage().name(), progress.step());
      for (SourceLoss loss : latest.sources()) {
        if (loss.labelTokens() > 0) {
          System.out.printf("  %s: loss %.4f%n", loss.source(), loss.mean());
        }
      }
    }
  }
}
