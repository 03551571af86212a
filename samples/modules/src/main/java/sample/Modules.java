package sample;

import ai.dmt.model.Model;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.run.FineTuning;
import ai.dmt.run.RunResult;
import java.nio.file.Path;

/** Fine-tunes a model from named modules, also in a runtime that jlink made. */
public final class Modules {
  private Modules() {}

  /** Arguments: model folder; files of math and chat; output folder; a question. */
  public static void main(String[] args) throws Exception {
    FineTuning tuning =
        FineTuning.of(Path.of(args[0]))
            .specialized("math", Path.of(args[1]))
            .general("chat", Path.of(args[2]))
            .strategy(StrategyRecipe.mixedSequential())
            .training(t -> t.withNumTrainEpochs(1).withGlobalTrainBatchSize(16))
            .data(d -> d.withCutoffLen(256))
            .output(Path.of(args[3]))
            .build();
    RunResult result = tuning.run();
    System.out.println("finished: " + result.finished());
    try (Model model = Model.open(result.model())) {
      System.out.println("answer: " + model.answer(args[4]));
    }
    System.out.printf(
        "modules: %s, %s%n",
        Modules.class.getModule().getName(), Model.class.getModule().getName());
  }
}
