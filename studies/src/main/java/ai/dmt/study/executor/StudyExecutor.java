package ai.dmt.study.executor;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A scheduler of jobs. It keeps them when the process that submitted them is gone, starts a job
 * again when its node is lost, and never starts one whose needs have failed.
 */
public interface StudyExecutor {
  /**
   * Demands that jobs can be submitted from here.
   *
   * @throws ai.dmt.config.ConfigException naming what is missing, and what to do
   */
  void demandAvailable();

  /**
   * {@return how commands of jobs begin}
   *
   * @param program of this machine's build, and of a container's
   */
  default List<String> command(JobProgram program) {
    return program.here();
  }

  /**
   * Submits a job.
   *
   * @param job what to run
   * @param after whose end it waits for
   * @return the scheduler's id of the job
   * @throws JobException with the scheduler's own words, if it refuses
   * @throws IOException if a program of the scheduler cannot be run
   */
  String submit(Job job, After after) throws IOException;

  /**
   * Asks for the state of jobs.
   *
   * @param ids of jobs that were submitted
   * @return the state of each
   * @throws IOException if the scheduler cannot be asked
   */
  Map<String, JobState> states(Collection<String> ids) throws IOException;

  /**
   * Ends jobs, or keeps them from beginning; what is over stays so.
   *
   * @param ids of jobs that were submitted
   * @throws IOException if the scheduler cannot be asked
   */
  void cancel(Collection<String> ids) throws IOException;

  /**
   * Sees to it that jobs begin once what they need has succeeded, and returns when all are over. A
   * job that waits for the end of others calls it before it does anything else; where the scheduler
   * keeps it from beginning so long, there is nothing left to do.
   *
   * @param ids of the other jobs
   * @param log takes a line about each that may begin
   * @throws IOException if the scheduler cannot be asked
   * @throws InterruptedException if the thread is interrupted
   */
  default void oversee(Collection<String> ids, Consumer<String> log)
      throws IOException, InterruptedException {}

  /**
   * {@return what would be submitted, for people; nothing is}
   *
   * @param job what would run
   * @param after whose end it would wait for; names in the place of ids
   */
  String text(Job job, After after);

  /**
   * Whose end a job waits for.
   *
   * @param success ids of jobs that must have succeeded; where one cannot any more, the job never
   *     begins
   * @param end ids of jobs that must be over, however they ended
   */
  record After(List<String> success, List<String> end) {
    /** Nobody's. */
    public static final After NOTHING = new After(List.of(), List.of());

    /**
     * Copies the lists.
     *
     * @param success ids of jobs that must have succeeded
     * @param end ids of jobs that must be over
     */
    public After {
      success = List.copyOf(success);
      end = List.copyOf(end);
    }
  }
}
