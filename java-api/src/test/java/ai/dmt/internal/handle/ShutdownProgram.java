package ai.dmt.internal.handle;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.StepMetrics;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.Progress;
import ai.dmt.train.TrainConfig;
import ai.dmt.train.Trainer;
import ai.dmt.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Trains for longer than anybody waits, until the process is ended. */
final class ShutdownProgram {
  /** Who ends it. */
  enum Ending {
    EXIT_OF_ANOTHER_THREAD,
    EXIT_IN_A_LISTENER,
    SIGNAL,
    SIGNAL_WITHOUT_HOOK
  }

  private ShutdownProgram() {}

  /** Begins. @param args an {@link Ending} */
  public static void main(String[] args) {
    Ending ending = Ending.valueOf(args[0]);
    ModelConfig model = ModelConfig.llama(512, 128, 256, 4, 4, 4, 256);
    NativeEngine engine = NativeEngine.create(model, 1, EngineConfig.defaults());
    if (ending != Ending.SIGNAL_WITHOUT_HOOK) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    engine.close();
                    System.out.println("closed");
                  }));
    }
    Trainer trainer =
        new Trainer(
            engine,
            TrainConfig.defaults().withEpochs(1000).withBatch(new BatchConfig(8, 512, 256)));
    trainer.addListener(
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, StepMetrics metrics) {
            if (progress.step() == 3) {
              end(ending);
            }
          }

          @Override
          public void onEnd(Progress progress) { // before the engine is closed, so before the JVM
            System.out.println("the training has ended");
          }
        });
    trainer.train(List.of(samples()), List.of());
  }

  private static void end(Ending ending) {
    switch (ending) {
      case EXIT_OF_ANOTHER_THREAD -> new Thread(() -> System.exit(3)).start();
      case EXIT_IN_A_LISTENER -> System.exit(3);
      case SIGNAL, SIGNAL_WITHOUT_HOOK -> terminate();
      default -> throw new AssertionError(ending);
    }
  }

  /** A process may not destroy itself through its handle. */
  private static void terminate() {
    try {
      new ProcessBuilder("bash", "-c", "kill " + ProcessHandle.current().pid()).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Source samples() {
    int[] tokens = IntStream.range(0, 200).toArray();
    boolean[] loss = new boolean[tokens.length];
    Arrays.fill(loss, 1, loss.length, true);
    return new Source(
        "data",
        IntStream.range(0, 800)
            .mapToObj(s -> new EncodedSample("s" + s, Origin.UNKNOWN, tokens, loss))
            .toList());
  }
}
