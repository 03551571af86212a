package ai.dmt.evaluators.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A program to run.
 *
 * @param source Python; it passes when it runs to its end without an exception
 * @param function of the program, to be called afterwards; null for none
 * @param argument what it is called with; its result becomes {@link ProgramOutcome#value}
 * @param tests what the source ends with, if these are tests of what stands before; else null
 */
public record PythonProgram(
    String source, @Nullable String function, @Nullable JsonNode argument, @Nullable String tests) {
  /**
   * Demands that the tests are the end of the source.
   *
   * @param source Python; it passes when it runs to its end without an exception
   * @param function of the program, to be called afterwards; null for none
   * @param argument what it is called with; its result becomes {@link ProgramOutcome#value}
   * @param tests what the source ends with, if these are tests of what stands before; else null
   */
  public PythonProgram {
    if (tests != null && !source.endsWith(tests)) {
      throw new IllegalArgumentException("the program does not end with its tests");
    }
  }

  /**
   * Makes a program whose function is called; there are no tests.
   *
   * @param source Python; it passes when it runs to its end without an exception
   * @param function of the program, to be called afterwards; null for none
   * @param argument what it is called with; null where nothing is
   */
  public PythonProgram(String source, @Nullable String function, @Nullable JsonNode argument) {
    this(source, function, argument, null);
  }

  /**
   * {@return a program that is only run}
   *
   * @param source Python; it passes when it runs to its end without an exception
   */
  public static PythonProgram of(String source) {
    return new PythonProgram(source, null, null, null);
  }

  /**
   * {@return a solution with tests behind it} Where it passes them, it is looked at whether it
   * would pass any: see {@link ProgramOutcome.Status#FORGED}.
   *
   * @param solution Python, without its tests
   * @param tests Python that raises an exception if the solution is wrong
   */
  public static PythonProgram tested(String solution, String tests) {
    return new PythonProgram(solution + "\n" + tests, null, null, tests);
  }
}
