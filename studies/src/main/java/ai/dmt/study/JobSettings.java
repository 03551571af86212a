package ai.dmt.study;

import ai.dmt.internal.text.Faults;
import ai.dmt.study.executor.ExecutorSettings;
import ai.dmt.study.executor.Scheduler;
import ai.dmt.study.executor.StudyExecutor;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the tasks of a study become jobs.
 *
 * @param executor name of the scheduler
 * @param template a site's own template of a job; null for the one that the library brings
 * @param retries how often a job begins again that was killed, preempted or out of time
 * @param environment variables that jobs need beside those of whoever submits
 */
public record JobSettings(
    String executor, @Nullable Path template, int retries, Map<String, String> environment) {
  /** Is no scheduler: processes of this machine. */
  private static final String LOCAL = "local";

  /**
   * Copies the map and checks.
   *
   * @param executor name of the scheduler
   * @param template a site's own template of a job; null for the library's
   * @param retries at least 0
   * @param environment variables that jobs need
   */
  public JobSettings {
    environment = Map.copyOf(environment);
    new Faults("jobs").notNegative("--retries", retries).throwIfAny();
  }

  /**
   * {@return the scheduler with these settings}
   *
   * @param folder that the jobs work in
   * @throws ai.dmt.config.ConfigException if there is no such scheduler, or the template is at
   *     fault
   */
  StudyExecutor open(StudyFolder folder) {
    return Scheduler.of(executor, LOCAL)
        .open(template, new ExecutorSettings(folder.root(), retries, environment));
  }
}
