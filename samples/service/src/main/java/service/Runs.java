package service;

import ai.dmt.model.Model;
import ai.dmt.run.FineTuning;
import ai.dmt.run.RunHandle;
import jakarta.annotation.PreDestroy;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The one run of this service, and the model that it leaves. */
@Component
class Runs {
  private final FineTuning tuning;
  private final Path output;
  private RunHandle run; // null until it is started
  private Model model; // null until it is asked

  Runs(@Value("${model}") Path base, @Value("${data}") Path data, @Value("${output}") Path output) {
    this.output = output;
    this.tuning =
        FineTuning.of(base)
            .general("data", data)
            .training(
                t -> t.withNumTrainEpochs(8).withGlobalTrainBatchSize(8).withLearningRate(1e-3))
            .data(d -> d.withCutoffLen(256))
            .output(output)
            .build()
            .resuming(); // after a shutdown it goes on from its checkpoint
  }

  /** Starts the run, unless it is under way. */
  synchronized State start() {
    if (run == null || run.isDone()) {
      run = tuning.start();
    }
    return state();
  }

  /** What a client sees of a run. */
  record State(String state, long step, long totalSteps, double secondsLeft) {}

  /** Where the run is. */
  synchronized State state() {
    if (run == null) {
      return new State("none", 0, 0, 0);
    }
    String word = !run.isDone() ? "running" : run.isCompletedExceptionally() ? "failed" : "done";
    return run.progress()
        .map(p -> new State(word, p.step(), p.totalSteps(), p.remaining().toMillis() / 1000.0))
        .orElse(new State(word, 0, 0, 0));
  }

  /** Answers with the model of a run that is done. */
  synchronized String answer(String question) {
    if (run == null || !run.isDone()) {
      throw new IllegalStateException("the model is not trained yet");
    }
    if (model == null) {
      model = Model.open(output);
    }
    return model.answer(question);
  }

  /** Ends a run after its step; its checkpoint and model are saved before the service goes. */
  @PreDestroy
  synchronized void close() {
    if (run != null) {
      run.close();
    }
    if (model != null) {
      model.close();
    }
  }
}
