package ai.dmt.study;

import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;
import java.util.List;

/**
 * A stage that is trained once, however many cells go through it.
 *
 * @param key names its folder; made of everything that its model depends on
 * @param parent key of the node that it goes on from; empty for the base model
 * @param base key of the base model that the first stage began with
 * @param size name of that model's size; "" for the study's own
 * @param loraRank rank of the adapter that is trained; 0 where all weights are
 * @param stage what is trained
 * @param seed of the order of samples
 * @param subsetSeed of the subsets
 * @param inner whether another node goes on from it; its model is then saved in float32, as a run
 *     of both stages would have it
 * @param label for people: the first cell that goes through it
 */
public record StageNode(
    String key,
    String parent,
    String base,
    String size,
    int loraRank,
    Stage stage,
    long seed,
    long subsetSeed,
    boolean inner,
    String label) {
  /**
   * {@return the schedule of the stage alone: its batches are those that it has after other stages}
   */
  public Schedule schedule() {
    return new Schedule(List.of(stage), seed, subsetSeed);
  }
}
