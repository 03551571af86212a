package ai.dmt.recipe;

import ai.dmt.internal.records.RecordCopy;
import ai.dmt.train.MixtureControl;
import ai.dmt.train.ReplaySelection;

/**
 * What a run changes about its mixture while it trains, as held-out losses say.
 *
 * @param stop whether a source leaves its stage once its held-out loss has risen
 * @param stopPatience evaluations that a source's held-out loss may stay above its best; at least 1
 * @param replay whether the shares of replayed sources stay as planned or follow their held-out
 *     losses
 * @param replayMinK least share of a replayed source, in (0, 1]
 * @param replayMaxK greatest share of a replayed source, in [replayMinK, 1]
 * @param replayTolerance nats by which a replayed source's held-out loss may lie above that at the
 *     stage's start before its share is doubled; at least 0
 * @param replaySelection which samples of a replayed source are taken
 */
public record ControlRecipe(
    @Doc(
            "per_source: a source whose held-out loss has risen leaves its stage, and the run goes back"
                + " to the checkpoint where it was lowest")
        MixtureControl.Stop stop,
    @Doc("Evaluations that a source's held-out loss may stay above its lowest") @Range("[1, inf)")
        int stopPatience,
    @Doc(
            "adaptive: the share of a source that a stage replays is doubled or halved after each"
                + " evaluation, as its held-out loss says; fixed: it stays as planned")
        MixtureControl.Replay replay,
    @Doc("Least share of a replayed source") @Range("(0, 1]") double replayMinK,
    @Doc("Greatest share of a replayed source") @Range("(0, 1]") double replayMaxK,
    @Doc(
            "Nats by which a replayed source's held-out loss may lie above that at the stage's start"
                + " before its share is doubled")
        @Range("[0, inf)")
        double replayTolerance,
    @Doc(
            "Which samples of a replayed source are taken, chosen when the stage begins: random; loss,"
                + " those with the highest; similarity, those most like the stage's own; gradient,"
                + " those whose gradients are most like their source's")
        ReplaySelection replaySelection) {
  /**
   * Checks ranges.
   *
   * @param stop not null
   * @param stopPatience at least 1
   * @param replay not null; fixed if sources may leave
   * @param replayMinK in (0, 1]
   * @param replayMaxK in [replayMinK, 1]
   * @param replayTolerance at least 0
   * @param replaySelection not null; random if shares follow held-out losses
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ControlRecipe {
    new MixtureControl(
        stop, stopPatience, replay, replayMinK, replayMaxK, replayTolerance, replaySelection);
  }

  /** {@return nothing is changed} */
  public static ControlRecipe defaults() {
    MixtureControl off = MixtureControl.OFF;
    return new ControlRecipe(
        off.stop(),
        off.patience(),
        off.replay(),
        off.minK(),
        off.maxK(),
        off.tolerance(),
        off.selection());
  }

  /** {@return the settings as a run reads them} */
  public MixtureControl mixtureControl() {
    return new MixtureControl(
        stop, stopPatience, replay, replayMinK, replayMaxK, replayTolerance, replaySelection);
  }

  /**
   * {@return a copy with another {@link #stop()}}
   *
   * @param value whether a source leaves its stage once its held-out loss has risen
   */
  public ControlRecipe withStop(MixtureControl.Stop value) {
    return RecordCopy.with(this, "stop", value);
  }

  /**
   * {@return a copy with another {@link #stopPatience()}}
   *
   * @param value at least 1
   */
  public ControlRecipe withStopPatience(int value) {
    return RecordCopy.with(this, "stopPatience", value);
  }

  /**
   * {@return a copy with another {@link #replay()}}
   *
   * @param value whether the shares of replayed sources follow their held-out losses
   */
  public ControlRecipe withReplay(MixtureControl.Replay value) {
    return RecordCopy.with(this, "replay", value);
  }

  /**
   * {@return a copy with another {@link #replayMinK()}}
   *
   * @param value in (0, {@link #replayMaxK()}]
   */
  public ControlRecipe withReplayMinK(double value) {
    return RecordCopy.with(this, "replayMinK", value);
  }

  /**
   * {@return a copy with another {@link #replayMaxK()}}
   *
   * @param value in [{@link #replayMinK()}, 1]
   */
  public ControlRecipe withReplayMaxK(double value) {
    return RecordCopy.with(this, "replayMaxK", value);
  }

  /**
   * {@return a copy with another {@link #replayTolerance()}}
   *
   * @param value in nats; at least 0
   */
  public ControlRecipe withReplayTolerance(double value) {
    return RecordCopy.with(this, "replayTolerance", value);
  }

  /**
   * {@return a copy with another {@link #replaySelection()}}
   *
   * @param value which samples of a replayed source are taken
   */
  public ControlRecipe withReplaySelection(ReplaySelection value) {
    return RecordCopy.with(this, "replaySelection", value);
  }
}
