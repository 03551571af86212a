package ai.dmt.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Work that makes one folder, by one process.
 *
 * @param key names its lock and its failure
 * @param label for people
 * @param folder that it makes; that it is there means that the work is done
 * @param needs keys of tasks that must be done before
 * @param load how much work it is
 * @param work fills an empty folder
 */
record StudyTask(String key, String label, Path folder, List<String> needs, Load load, Work work) {
  /** The same task whose result is elsewhere. */
  StudyTask in(Path place) {
    return new StudyTask(key, label, place, needs, load, work);
  }

  /**
   * How much work a task is.
   *
   * @param weight work that hangs on it; the largest comes first
   * @param kind those of one kind take time by their amount
   * @param amount in a unit of the kind's; 0 takes no time that matters
   * @param cost of a unit, in units of the study's own model
   */
  record Load(double weight, String kind, double amount, double cost) {
    /** Of a task that comes at once, and takes no time that matters. */
    static final Load FIRST = new Load(Double.MAX_VALUE, "", 0, 1);
  }

  /** Fills a folder. */
  @FunctionalInterface
  interface Work {
    /**
     * Does the work.
     *
     * @return what was done, for people
     * @throws MissingScoreException if this machine cannot, though nothing failed
     */
    String fill(Path folder) throws IOException;
  }
}
