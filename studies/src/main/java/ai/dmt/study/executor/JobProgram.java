package ai.dmt.study.executor;

import java.util.List;

/**
 * How the command of a job begins; folder and task follow.
 *
 * @param here program and words of the build that submits, for nodes that see its files under the
 *     same path
 * @param image program and words in a container, which has a build of its own
 */
public record JobProgram(List<String> here, List<String> image) {
  /**
   * Copies the lists.
   *
   * @param here not empty
   * @param image not empty
   */
  public JobProgram {
    here = List.copyOf(here);
    image = List.copyOf(image);
  }
}
