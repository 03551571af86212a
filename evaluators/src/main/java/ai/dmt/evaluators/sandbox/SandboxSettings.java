package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;

/**
 * How programs are run.
 *
 * @param python a file, or a name that is looked up on the PATH
 * @param workers programs at a time; more than cores make time-outs depend on the load
 * @param limits of each program
 * @param unsafe true runs them with all that the user can do: for machines without namespaces, when
 *     whoever wrote the programs is trusted
 */
public record SandboxSettings(String python, int workers, SandboxLimits limits, boolean unsafe) {
  private static final int MOST_WORKERS = 256;

  /**
   * Checks the ranges.
   *
   * @param python a file, or a name that is looked up on the PATH
   * @param workers programs at a time; more than cores make time-outs depend on the load
   * @param limits of each program
   * @param unsafe true runs them with all that the user can do: for machines without namespaces,
   *     when whoever wrote the programs is trusted
   */
  public SandboxSettings {
    if (workers < 1 || workers > MOST_WORKERS) {
      throw new ConfigException(
          "workers must be from 1 to %s, got %s".formatted(MOST_WORKERS, workers));
    }
  }

  /**
   * {@return settings for a sandbox, with the python3 of the PATH and one program for each core}
   */
  public static SandboxSettings defaults() {
    int cores = Math.min(Runtime.getRuntime().availableProcessors(), MOST_WORKERS);
    return new SandboxSettings("python3", cores, SandboxLimits.defaults(), false);
  }

  /**
   * {@return the same with other limits}
   *
   * @param others limits of each program
   */
  public SandboxSettings withLimits(SandboxLimits others) {
    return new SandboxSettings(python, workers, others, unsafe);
  }
}
