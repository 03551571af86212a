package ai.dmt.study.executor;

/**
 * What a scheduler says of a job.
 *
 * @param phase what can still come of it
 * @param word the scheduler's own, such as PENDING
 * @param reason why it waits or ended; "" where nothing is said
 */
public record JobState(Phase phase, String word, String reason) {
  /** What can still come of a job. */
  public enum Phase {
    /** Waits for other jobs or for a node, or is being queued again. */
    QUEUED,
    /** Has a node. */
    RUNNING,
    /** Is over, however it ended. */
    ENDED;

    /** {@return whether the scheduler still has it} */
    public boolean isActive() {
      return this != ENDED;
    }
  }

  /** What is said of a job that the scheduler has forgotten. */
  static final JobState FORGOTTEN = new JobState(Phase.ENDED, "ended", "");
}
