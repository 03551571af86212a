package ai.dmt.study;

import ai.dmt.recipe.Recipe;

/**
 * One run of a study: a row of one of its tables, with one seed.
 *
 * @param id such as "dmt k=1/16 seed 1"; names it on the command line and in results
 * @param question that it answers a part of
 * @param group what cells of different seeds share, such as "dmt k=1/16"
 * @param setup what the question varies beside the share: a strategy, a source, or a ratio set-up;
 *     empty where nothing
 * @param share that the question varies: an amount or k; 1 where nothing
 * @param seed of training and subsets
 * @param size name of the model's size where the question is of sizes; empty for the study's own
 *     model
 * @param loraRank rank of the adapter that is trained; 0 where all weights are
 * @param recipe that {@code dmt train} trains alone; its folders are set when it is written
 */
public record StudyCell(
    String id,
    StudyQuestion question,
    String group,
    String setup,
    double share,
    long seed,
    String size,
    int loraRank,
    Recipe recipe) {
  /** {@return the name of the cell's folder} */
  public String slug() {
    return slug(id);
  }

  /** An id as the name of a folder: "dmt k=1/16 seed 1" is "dmt-k-1_16-seed-1". */
  static String slug(String id) {
    return id.replace('/', '_').replaceAll("[^A-Za-z0-9_.]+", "-");
  }
}
