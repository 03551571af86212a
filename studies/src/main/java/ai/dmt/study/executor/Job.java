package ai.dmt.study.executor;

import ai.dmt.internal.text.Faults;
import java.util.List;

/**
 * A process that a scheduler is to run.
 *
 * @param name shown by the scheduler and part of file names: letters, digits, dots, dashes and
 *     underscores alone
 * @param label for people
 * @param command program and words
 * @param resources what it takes
 */
public record Job(String name, String label, List<String> command, JobResources resources) {
  private static final int MOST_CHARACTERS = 100;

  /**
   * Copies the list and checks the name.
   *
   * @param name a safe one, see {@link #safeName}
   * @param label for people
   * @param command not empty
   * @param resources what it takes
   */
  public Job {
    command = List.copyOf(command);
    new Faults("job " + label)
        .require(
            name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*"),
            "name may have letters, digits, '.', '_' and '-' alone, got \"%s\"".formatted(name))
        .require(!command.isEmpty(), "command is empty")
        .throwIfAny();
  }

  /**
   * {@return a text as a name that no shell, scheduler or file system reads anything else in}
   *
   * @param text any; what is not allowed becomes a dash
   */
  public static String safeName(String text) {
    String safe = text.replaceAll("[^A-Za-z0-9._]+", "-").replaceAll("^[-.]+|-+$", "");
    String cut = safe.substring(0, Math.min(safe.length(), MOST_CHARACTERS));
    return cut.isEmpty() ? "job" : cut;
  }
}
