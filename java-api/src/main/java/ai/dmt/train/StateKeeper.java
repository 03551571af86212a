package ai.dmt.train;

/**
 * Keeps the state of a run while it goes on, so that another process can continue it. Each rank has
 * one, and they are called at the same steps.
 */
public interface StateKeeper {
  /** Keeps nothing. */
  StateKeeper NONE =
      new StateKeeper() {
        @Override
        public boolean isBusy() {
          return false;
        }

        @Override
        public void complete() {}

        @Override
        public void keepIfDue(Progress progress) {}

        @Override
        public void keepAtStop(Progress progress) {}

        @Override
        public void finish() {}

        @Override
        public void abandon() {}
      };

  /** {@return whether this rank still writes what it keeps} */
  boolean isBusy();

  /**
   * No rank is busy: what is being kept, if anything is, becomes complete.
   *
   * @throws RuntimeException on all ranks if one could not write it; so do the methods below
   */
  void complete();

  /**
   * A step is done, its held-out loss measured, and the end of a stage told: keeps the state if it
   * is time to.
   *
   * @param progress where the run is, the same on all ranks
   */
  void keepIfDue(Progress progress);

  /**
   * The same, and the run ends here before its last step.
   *
   * @param progress where the run is, the same on all ranks
   */
  void keepAtStop(Progress progress);

  /**
   * Goes back to a state that was kept: the engine becomes as it was then. States of later steps
   * are deleted. All ranks call it.
   *
   * @param step of the run that the state is after
   * @return where the run was
   * @throws IllegalStateException if states are not kept
   * @throws RuntimeException on all ranks if the state is not there, or damaged
   */
  default Progress goBack(long step) {
    throw new IllegalStateException(
        "the run cannot go back to step %s: nobody keeps its states".formatted(step));
  }

  /** Waits until what is being kept is complete on all ranks. */
  void finish();

  /**
   * The run has failed: waits until nothing works in the background any more. What is being kept
   * stays incomplete. Never throws, and does nothing after {@link #finish}.
   */
  void abandon();
}
