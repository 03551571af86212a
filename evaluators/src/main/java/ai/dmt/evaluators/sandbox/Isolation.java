package ai.dmt.evaluators.sandbox;

import java.util.List;

/** What stands between a program and the machine. */
interface Isolation {
  /**
   * The command that runs the interpreter in isolation.
   *
   * @param limits bounds what the isolation itself offers, such as the size of its /tmp
   * @param interpreterArguments what the interpreter is given
   */
  List<String> command(
      PythonInterpreter python, SandboxLimits limits, List<String> interpreterArguments);

  /** Whether the supervisor begins as root and has to take another user. */
  boolean changesUser();

  /** Whether /tmp and all else that can be written are the program's own. */
  boolean hasOwnFiles();

  /** Whether it isolates a program of the system, whatever the interpreter does. */
  boolean works();

  /** For messages. */
  String description();
}
