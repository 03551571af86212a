package ai.dmt.study;

/** Takes a line about each task of a study, on the thread that works on it. */
@FunctionalInterface
public interface StudyLog {
  /**
   * A task is over, or its score cannot be had here.
   *
   * @param line what came of it, for people
   */
  void onTask(String line);

  /**
   * A task has failed; what hangs on it is left out.
   *
   * @param line which and why, for people
   */
  default void onFailure(String line) {
    onTask(line);
  }
}
