package ai.dmt.cli;

/** What a command returns to the shell. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = 1;

  /** The command line, the configuration or the environment is at fault. */
  static final int USAGE = 2;

  private ExitCode() {}
}
