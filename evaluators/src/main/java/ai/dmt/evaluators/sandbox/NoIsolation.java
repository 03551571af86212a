package ai.dmt.evaluators.sandbox;

import java.util.ArrayList;
import java.util.List;

/** None: only limits and time-outs stand between a program and all that the user can do. */
record NoIsolation() implements Isolation {
  @Override
  public List<String> command(
      PythonInterpreter python, SandboxLimits limits, List<String> interpreterArguments) {
    List<String> words = new ArrayList<>(List.of(python.executable().toString()));
    words.addAll(interpreterArguments);
    return words;
  }

  @Override
  public boolean changesUser() {
    return false;
  }

  @Override
  public boolean hasOwnFiles() {
    return false;
  }

  @Override
  public boolean works() {
    return true;
  }

  @Override
  public String description() {
    return "no sandbox";
  }
}
