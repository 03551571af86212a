package ai.dmt.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@link MixtureController} has decided and what it will decide from: a part of a run's
 * state, so that a run that goes on from a checkpoint decides as it would have.
 *
 * @param decisions all so far, in the order in which they were made
 * @param before held-out loss by source at the end of the stage before; empty in the first
 * @param stage name of the stage of the measurements; empty if there are none
 * @param measured held-out losses of that stage
 * @param replayed samples that stages which have begun replay, where they were chosen
 */
public record ControlState(
    List<MixtureDecision> decisions,
    Map<String, Double> before,
    String stage,
    List<Measured> measured,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ReplayedSamples> replayed) {
  /** That of a run that begins. */
  public static final ControlState NONE =
      new ControlState(List.of(), Map.of(), "", List.of(), List.of());

  /**
   * Held-out losses within a stage.
   *
   * @param stageStep steps of the stage that had been made
   * @param step steps of the run that had been made
   * @param losses by source, in nats
   */
  public record Measured(long stageStep, long step, Map<String, Double> losses) {
    /**
     * Copies the map.
     *
     * @param stageStep steps of the stage that had been made
     * @param step steps of the run that had been made
     * @param losses by source, in nats
     */
    public Measured {
      losses = ordered(losses);
    }
  }

  /**
   * Copies the collections.
   *
   * @param decisions all so far
   * @param before at the end of the stage before
   * @param stage of the measurements
   * @param measured within that stage
   * @param replayed of stages that have begun; null for none
   */
  public ControlState {
    decisions = List.copyOf(decisions);
    before = ordered(before);
    measured = List.copyOf(measured);
    replayed = replayed == null ? List.of() : List.copyOf(replayed);
  }

  /**
   * {@return the batches of a run as it has decided so far}
   *
   * @param planned as the schedule has them
   */
  public ScheduleBatches decided(ScheduleBatches planned) {
    return planned.replaying(replayed).decided(decisions);
  }

  private static Map<String, Double> ordered(Map<String, Double> losses) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(losses));
  }
}
