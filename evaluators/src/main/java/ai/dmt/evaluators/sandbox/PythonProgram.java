package ai.dmt.evaluators.sandbox;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A program to run.
 *
 * @param source Python; it passes when it runs to its end without an exception
 * @param function of the program, to be called afterwards; null for none
 * @param argument what it is called with; its result becomes {@link ProgramOutcome#value}
 */
public record PythonProgram(String source, String function, JsonNode argument) {
  /** A program that is only run. */
  public static PythonProgram of(String source) {
    return new PythonProgram(source, null, null);
  }
}
