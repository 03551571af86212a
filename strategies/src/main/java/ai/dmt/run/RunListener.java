package ai.dmt.run;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.train.Ledger;
import ai.dmt.train.TrainingListener;
import java.nio.file.Path;

/**
 * Sees a run from the checked data to the saved model. Called on the thread that runs; what a
 * method throws ends the run.
 */
public interface RunListener extends TrainingListener {
  /**
   * The data has been read and the stages are planned.
   *
   * @param ledger what each stage asks for and gets of each source
   */
  default void onPlanned(Ledger ledger) {}

  /**
   * The weights have been loaded.
   *
   * @param facts model, settings and planned memory of the engine
   */
  default void onEngine(EngineFacts facts) {}

  /**
   * What the user should know: which checkpoint the run goes on from, what fails meanwhile.
   *
   * @param line for people, without a line end
   */
  default void onNote(String line) {}

  /**
   * The model was saved.
   *
   * @param folder of the model
   * @param memory what the engine held at its most
   */
  default void onSaved(Path folder, MemoryAccount memory) {}

  /**
   * The run has failed. Told by {@link FineTuning} only; its caller gets the same exception.
   *
   * @param failure that ended the run
   */
  default void onError(Throwable failure) {}
}
