package ai.dmt.cli;

/** What a command returns to the shell. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = 1;

  /** The command line, the configuration, the data or a model's files are at fault. */
  static final int USAGE = 2;

  /** Stopped by SIGINT or SIGTERM; what was done so far is saved. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
