package ai.dmt.cli;

import ai.dmt.run.ScheduleRun;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether a run is tried out before. */
final class PreflightOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--preflight",
      description = {
        "Try what would fail late, and stop: the longest step, an evaluation, a checkpoint and a",
        "model written and read again, room for all that is kept. A run that is planned to take",
        "more than ten minutes does so first."
      })
  private boolean alone;

  @Option(names = "--no-preflight", description = "Begin at once, however long the run is.")
  private boolean none;

  /** Refuses what cannot be meant together. */
  void check(boolean dryRun) {
    if (alone && (none || dryRun)) {
      throw new ParameterException(
          spec.commandLine(),
          "--preflight and %s exclude each other".formatted(none ? "--no-preflight" : "--dry-run"));
    }
  }

  /** Tells the run. @return whether it is tried out alone */
  boolean apply(ScheduleRun run) {
    if (!alone && !none) {
      run.beginWithPreflightIfLong();
    }
    return alone;
  }
}
