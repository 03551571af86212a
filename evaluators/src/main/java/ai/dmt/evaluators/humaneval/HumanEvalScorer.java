package ai.dmt.evaluators.humaneval;

import ai.dmt.evaluators.sandbox.PythonProgram;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Runs completions against their tests. This executes what a model wrote: see {@link Sandbox} for
 * what protects the machine. Equal programs run once in the life of a scorer.
 */
public final class HumanEvalScorer {
  private final HumanEvalMode mode;
  private final SandboxSettings sandbox;
  private final ProgramOutcomes outcomes = new ProgramOutcomes();

  /**
   * Makes a scorer; nothing is run yet.
   *
   * @param mode whose rules make a program of a completion
   * @param sandbox how programs are run
   */
  public HumanEvalScorer(HumanEvalMode mode, SandboxSettings sandbox) {
    this.mode = mode;
    this.sandbox = sandbox;
  }

  /** {@return the mode whose rules make a program of a completion} */
  public HumanEvalMode mode() {
    return mode;
  }

  /**
   * Runs all completions.
   *
   * @param samples problems with their completions
   * @param done called with how many programs have their verdict
   * @return how each completion's program ended
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
      programs.add(problems.get(i).program(solutions.get(i)));
    }
    return new HumanEvalResult(mode, samples, outcomes.of(programs, sandbox, done));
  }
}
