package ai.dmt.evaluators.humaneval;

import ai.dmt.evaluators.sandbox.PythonProgram;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Runs completions against their tests. This executes what a model wrote: see {@link Sandbox} for
 * what protects the machine.
 *
 * @param mode whose rules make a program of a completion
 */
public record HumanEvalScorer(HumanEvalMode mode, SandboxSettings sandbox) {
  /**
   * Runs all completions.
   *
   * @param done called with how many programs have their verdict
   * @throws InterruptedException if the thread is interrupted; the programs are ended
   * @throws ai.dmt.config.ConfigException if there is no sandbox
   */
  public HumanEvalResult run(HumanEvalSamples samples, IntConsumer done)
      throws InterruptedException {
    List<HumanEvalProblem> problems = samples.problemOfEach();
    List<String> solutions = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      String completion = samples.completions().get(i).completion();
      solutions.add(mode.solution(problems.get(i), completion));
    }
    if (mode == HumanEvalMode.EVALPLUS_BASE) {
      solutions = SolutionSanitizer.sanitize(problems, solutions, sandbox);
    }
    List<PythonProgram> programs = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      programs.add(PythonProgram.of(problems.get(i).program(solutions.get(i))));
    }
    try (Sandbox open = Sandbox.open(sandbox)) {
      return new HumanEvalResult(mode, samples, open.runAll(programs, done));
    }
  }
}
