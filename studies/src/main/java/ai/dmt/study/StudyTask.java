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
 * @param weight work that hangs on it; the largest comes first
 * @param work fills an empty folder
 */
record StudyTask(
    String key, String label, Path folder, List<String> needs, double weight, Work work) {
  /** The same task whose result is elsewhere. */
  StudyTask in(Path place) {
    return new StudyTask(key, label, place, needs, weight, work);
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
