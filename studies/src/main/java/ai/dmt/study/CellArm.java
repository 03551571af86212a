package ai.dmt.study;

import java.util.List;

/**
 * A cell before it has a seed.
 *
 * @param group that its seeds share
 * @param setup source, "mixed" or strategy, see {@link StudyCell#setup}
 * @param share of the data, or k of DMT
 * @param size name of the model's; empty for the study's own model
 * @param loraRank of the adapter, {@link LoraRecipe#FULL} for all weights
 * @param changes of the recipe
 */
record CellArm(
    String group, String setup, double share, String size, int loraRank, List<String> changes) {
  /** Of all weights of the study's own model. */
  static CellArm of(String group, String setup, double share, String... changes) {
    return new CellArm(group, setup, share, "", LoraRecipe.FULL, List.of(changes));
  }
}
