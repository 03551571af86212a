package ai.dmt.train;

import ai.dmt.internal.text.Faults;

/**
 * A run over one mixture.
 *
 * @param name of the stage, such as "specialized"; not part of its identity
 * @param mixture what is trained on
 * @param settings how
 */
public record Stage(String name, Mixture mixture, StageSettings settings) {
  /**
   * Checks that all is there.
   *
   * @param name not blank
   * @param mixture not null
   * @param settings not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public Stage {
    new Faults("stage")
        .require(name != null && !name.isBlank(), "name must not be blank")
        .present("mixture", mixture)
        .present("settings", settings)
        .throwIfAny();
  }

  /** The same text for stages that train the same. */
  String canonical() {
    return mixture.canonical() + settings.canonical();
  }

  boolean continuesLearningRate() {
    return settings.learningRatePolicy() == StageSettings.LearningRatePolicy.CONTINUE;
  }
}
