package ai.dmt.train;

import ai.dmt.internal.text.Faults;

/**
 * What a run has decided about a source from its held-out losses. Together with the schedule the
 * decisions say which samples form which step, see [Note: decided steps] in {@link DecidedSteps}.
 *
 * @param stage name of the stage
 * @param source name of the source
 * @param share of the source that the stage takes from here on; 0 if it leaves the stage
 * @param stageStep steps of the stage that are made before it holds
 * @param step steps of the run that are made before it holds
 * @param decidedStep steps of the run that had been made when it was decided; more than {@code
 *     step} where the run went back
 */
public record MixtureDecision(
    String stage, String source, double share, long stageStep, long step, long decidedStep) {
  /**
   * Checks ranges.
   *
   * @param stage not blank
   * @param source not blank
   * @param share in [0, 1]
   * @param stageStep at least 1
   * @param step at least stageStep
   * @param decidedStep at least step
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public MixtureDecision {
    new Faults("decision")
        .require(stage != null && !stage.isBlank(), "stage must not be blank")
        .require(source != null && !source.isBlank(), "source must not be blank")
        .inRange("share", share, 0, 1)
        .positive("stageStep", stageStep)
        .require(
            step >= stageStep && decidedStep >= step,
            "steps must be stageStep <= step <= decidedStep, got %s, %s, %s"
                .formatted(stageStep, step, decidedStep))
        .throwIfAny();
  }

  /** {@return whether the source leaves the stage} */
  public boolean drops() {
    return share == 0;
  }
}
