package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import ai.dmt.study.JobSettings;
import ai.dmt.study.StudyDefinition;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the tasks of a study run. */
final class ExecutorOptions {
  private static final String LOCAL = "local";
  private static final String SCHEDULERS = "--executor slurm or kubernetes";
  private static final int DEFAULT_RETRIES = 3;

  @Option(
      names = "--executor",
      paramLabel = "NAME",
      defaultValue = LOCAL,
      description = {
        "local: processes of this machine; slurm or kubernetes: a job for each stage and each"
            + " benchmark, which go on when this command is over",
        "(default: ${DEFAULT-VALUE}). dmt study status, cancel and retry take the study's folder."
      })
  private String executor;

  @Option(
      names = "--job-template",
      paramLabel = "FILE",
      description =
          "With a scheduler: script or manifest of a job; dmt study template slurm, or kubernetes,"
              + " prints the one that is used without.")
  private Path template;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description =
          "With a scheduler: how often a job begins again that was killed, preempted or out of time."
              + " Default: 3.")
  private Integer retries;

  @Option(
      names = "--wait",
      description = "With a scheduler: stay until all jobs are over, and say how they ended.")
  private boolean waits;

  @Mixin private JobsOption jobs;

  /** Processes of this machine that work at once. */
  int processes(StudyDefinition study) {
    return jobs.processes(study);
  }

  /** Whether a scheduler does the work. */
  boolean isElsewhere() {
    new Faults("study")
        .require(template == null || !executor.equals(LOCAL), "--job-template is for " + SCHEDULERS)
        .require(retries == null || !executor.equals(LOCAL), "--retries is for " + SCHEDULERS)
        .require(!waits || !executor.equals(LOCAL), "--wait is for " + SCHEDULERS)
        .require(
            !jobs.isGiven() || executor.equals(LOCAL),
            "--jobs is for --executor local: a scheduler decides by itself")
        .throwIfAny();
    return !executor.equals(LOCAL);
  }

  /** Whether the command stays until the end. */
  boolean waits() {
    return waits;
  }

  /** How tasks become jobs. @param reproducible whether jobs keep to AVX2 */
  JobSettings settings(boolean reproducible) {
    if (template != null && !template.toFile().isFile()) {
      throw new ConfigException("--job-template %s is no file".formatted(template));
    }
    return new JobSettings(
        executor,
        template,
        retries == null ? DEFAULT_RETRIES : retries,
        reproducible ? Map.of("DMT_INSTRUCTIONS", "avx2") : Map.of());
  }
}
