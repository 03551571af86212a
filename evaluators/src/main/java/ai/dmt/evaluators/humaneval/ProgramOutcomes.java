package ai.dmt.evaluators.humaneval;

import ai.dmt.evaluators.sandbox.ProgramOutcome;
import ai.dmt.evaluators.sandbox.PythonProgram;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Runs programs and remembers how each ended, so that an equal one does not run again: models that
 * are trained alike write the same solutions. What was ended by its time-out is not remembered.
 *
 * <p>Safe for several threads; what they run at the same time may run more than once.
 */
final class ProgramOutcomes {
  private final Map<PythonProgram, ProgramOutcome> known = new HashMap<>();

  /**
   * Runs what is not known yet.
   *
   * @param done called with how many programs have their outcome
   * @return in the order of the programs
   * @throws InterruptedException if the thread is interrupted; the programs are ended
   * @throws ai.dmt.config.ConfigException if there is no sandbox and one is needed
   */
  List<ProgramOutcome> of(List<PythonProgram> programs, SandboxSettings settings, IntConsumer done)
      throws InterruptedException {
    Map<PythonProgram, ProgramOutcome> outcomes = remembered(programs);
    Set<PythonProgram> fresh = new LinkedHashSet<>(programs);
    fresh.removeAll(outcomes.keySet());
    int repeats = programs.size() - fresh.size();
    done.accept(repeats);
    if (!fresh.isEmpty()) {
      List<PythonProgram> toRun = new ArrayList<>(fresh);
      try (Sandbox sandbox = Sandbox.open(settings)) {
        List<ProgramOutcome> ends = sandbox.runAll(toRun, run -> done.accept(repeats + run));
        for (int i = 0; i < toRun.size(); i++) {
          outcomes.put(toRun.get(i), ends.get(i));
        }
      }
      remember(outcomes);
    }
    return programs.stream().map(outcomes::get).toList();
  }

  private synchronized Map<PythonProgram, ProgramOutcome> remembered(List<PythonProgram> programs) {
    Map<PythonProgram, ProgramOutcome> outcomes = new HashMap<>();
    for (PythonProgram program : programs) {
      ProgramOutcome outcome = known.get(program);
      if (outcome != null) {
        outcomes.put(program, outcome);
      }
    }
    return outcomes;
  }

  private synchronized void remember(Map<PythonProgram, ProgramOutcome> outcomes) {
    outcomes.forEach(
        (program, outcome) -> {
          if (outcome.status() != ProgramOutcome.Status.TIMED_OUT) {
            known.put(program, outcome);
          }
        });
  }
}
