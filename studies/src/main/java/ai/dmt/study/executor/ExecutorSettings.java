package ai.dmt.study.executor;

import ai.dmt.internal.text.Faults;
import java.nio.file.Path;
import java.util.Map;

/**
 * What all jobs of a study share.
 *
 * @param folder that they work in and write their logs below; all nodes see it
 * @param retries how often a job begins again that was killed or preempted, or whose time was over
 * @param environment variables that they need
 */
public record ExecutorSettings(Path folder, int retries, Map<String, String> environment) {
  /**
   * Copies the map.
   *
   * @param folder that the jobs work in
   * @param retries at least 0
   * @param environment variables that they need
   */
  public ExecutorSettings {
    environment = Map.copyOf(environment);
    new Faults("jobs").notNegative("--retries", retries).throwIfAny();
  }
}
