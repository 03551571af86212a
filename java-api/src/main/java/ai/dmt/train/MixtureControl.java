package ai.dmt.train;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.ModelConfig;
import ai.dmt.internal.text.Faults;
import java.util.List;

/**
 * What a run may change about its mixture while it trains, as its held-out losses and its model
 * say. See {@link MixtureController}.
 *
 * @param stop whether a source that no longer gains leaves its stage
 * @param patience evaluations that a source's held-out loss may stay above its best before it
 *     leaves
 * @param replay whether the shares of replayed sources follow what is being forgotten
 * @param minK least share of a replayed source
 * @param maxK greatest share of a replayed source
 * @param tolerance nats by which a replayed source's held-out loss may lie above that at the
 *     stage's start
 * @param selection which samples of a replayed source are taken
 */
public record MixtureControl(
    Stop stop,
    int patience,
    Replay replay,
    double minK,
    double maxK,
    double tolerance,
    ReplaySelection selection) {
  /** When a source leaves a stage. */
  public enum Stop {
    /** At its end. */
    NONE,
    /** Once its held-out loss has risen (mSFT, arXiv 2603.21606). */
    PER_SOURCE
  }

  /** What the shares of sources do that a stage replays. */
  public enum Replay {
    /** They stay as planned. */
    FIXED,
    /** They follow the sources' held-out losses. */
    ADAPTIVE
  }

  /** Nothing is changed. */
  public static final MixtureControl OFF =
      new MixtureControl(
          Stop.NONE, 2, Replay.FIXED, 1 / 1024.0, 0.25, 0.02, ReplaySelection.RANDOM);

  /**
   * Checks ranges.
   *
   * @param stop not null
   * @param patience at least 1
   * @param replay not null; fixed if sources may leave: how much is replayed would follow from what
   *     has left
   * @param minK in (0, 1]
   * @param maxK in [minK, 1]
   * @param tolerance finite, at least 0
   * @param selection not null; random if shares follow held-out losses: what is chosen is as many
   *     samples as the share that a stage begins with
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public MixtureControl {
    new Faults("control")
        .present("stop", stop)
        .positive("stop_patience", patience)
        .present("replay", replay)
        .require(
            stop != Stop.PER_SOURCE || replay != Replay.ADAPTIVE,
            "stop=per_source and replay=adaptive exclude each other; choose one")
        .require(
            minK > 0 && minK <= maxK && maxK <= 1,
            "replay_min_k and replay_max_k must be 0 < min <= max <= 1, got %s and %s"
                .formatted(minK, maxK))
        .notNegative("replay_tolerance", tolerance)
        .present("replay_selection", selection)
        .require(
            selection == ReplaySelection.RANDOM || replay != Replay.ADAPTIVE,
            "replay_selection is for shares that stay as planned, and replay is adaptive; choose one")
        .throwIfAny();
  }

  /** {@return whether evaluations may change anything} */
  public boolean isOn() {
    return stop != Stop.NONE || replay != Replay.FIXED;
  }

  /** {@return whether the model has a say in which samples are replayed} */
  public boolean selects() {
    return selection != ReplaySelection.RANDOM;
  }

  /**
   * {@return bytes of gradients that a rank keeps beside those of a step while samples are chosen
   * by {@link ReplaySelection#GRADIENT}; else 0}
   *
   * @param batches of the run
   * @param model shape of its model
   * @param config of its engine
   * @throws ai.dmt.config.ConfigException if nothing is replayed that could be chosen
   */
  public long keptGradientBytes(ScheduleBatches batches, ModelConfig model, EngineConfig config) {
    if (selection != ReplaySelection.GRADIENT) {
      return 0;
    }
    MixtureController controller = new MixtureController(this, batches.schedule());
    long bytes = MemoryAccount.keptGradient(model, config);
    int most = 0;
    for (int stage = 0; stage < batches.stages().size(); stage++) {
      List<String> sources = controller.toSelect(stage);
      most = Math.max(most, ReplayChoice.keptGradients(batches, stage, sources, bytes));
    }
    return most * bytes;
  }
}
