import ai.dmt.engine.StepMetrics;
import ai.dmt.model.Model;
import ai.dmt.run.FineTuning;
import ai.dmt.run.RunHandle;
import ai.dmt.run.RunListener;
import ai.dmt.run.RunResult;
import ai.dmt.train.Progress;
import java.nio.file.Path;

/** Fine-tunes a model, stops it half-way, goes on to the end, and asks the result something. */
public final class Console {
  private Console() {}

  /** Arguments: model folder, file of questions and answers, output folder, a question. */
  public static void main(String[] args) throws Exception {
    Path output = Path.of(args[2]);
    FineTuning tuning =
        FineTuning.of(Path.of(args[0]))
            .general("data", Path.of(args[1]))
            .training(t -> t.withNumTrainEpochs(2).withGlobalTrainBatchSize(8).withLearningRate(1e-3))
            .data(d -> d.withCutoffLen(256))
            .output(output)
            .build()
            .withListener(new Losses());

    try (RunHandle run = tuning.start()) {
      while (run.progress().map(Progress::step).orElse(0L) < 5 && !run.isDone()) {
        Thread.sleep(10);
      }
      run.stop();
      System.out.println("stopped after step " + run.join().end().step());
    }

    RunResult result = tuning.resuming().run();
    System.out.printf("%s of %s steps%n", result.end().step(), result.end().totalSteps());

    try (Model model = Model.open(output)) {
      System.out.println("answer: " + model.answer(args[3]));
    }
  }

  /** Prints the loss of each step. */
  private static final class Losses implements RunListener {
    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      System.out.printf("step %d: loss %.4f%n", progress.step(), metrics.loss());
    }
  }
}
