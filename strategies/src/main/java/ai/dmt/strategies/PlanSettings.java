package ai.dmt.strategies;

import ai.dmt.internal.text.Faults;
import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;
import ai.dmt.train.StageSettings;
import java.util.List;

/**
 * What a strategy does not decide.
 *
 * @param stage how each stage is trained
 * @param seed of the order of samples
 * @param subsetSeed of the subsets
 */
public record PlanSettings(StageSettings stage, long seed, long subsetSeed) {
  /**
   * Checks that the settings are there.
   *
   * @param stage how each stage is trained
   * @param seed of the order of samples
   * @param subsetSeed of the subsets
   */
  public PlanSettings {
    new Faults("plan").present("stage", stage).throwIfAny();
  }

  /** {@return the paper's stages (arXiv 2310.05492, section 3.1), and Hugging Face's seed} */
  public static PlanSettings paper() {
    return new PlanSettings(StageSettings.paper(), 42, 42);
  }

  /**
   * {@return a schedule with these seeds}
   *
   * @param stages in the order in which they are trained
   */
  public Schedule schedule(Stage... stages) {
    return new Schedule(List.of(stages), seed, subsetSeed);
  }
}
