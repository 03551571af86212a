package ai.dmt.representation;

import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.Pooling;
import ai.dmt.engine.TrainingEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Hidden states of queries.
 *
 * @param layers [layers + 1][queries][hiddenSize]; 0 is the embedding
 */
public record QueryStates(double[][][] layers) {
  /**
   * Asks a model.
   *
   * @param engine with the model
   * @param prompts tokens of each query
   * @param pooling how a query's positions become one state
   * @param tokensAtOnce of a forward pass, at most, unless one query is longer
   * @return the states of every layer, in the order of the queries
   */
  public static QueryStates of(
      TrainingEngine engine, List<int[]> prompts, Pooling pooling, int tokensAtOnce) {
    double[][][] layers = new double[engine.model().layers() + 1][prompts.size()][];
    int first = 0;
    while (first < prompts.size()) {
      int end = first;
      int tokens = 0;
      while (end < prompts.size()
          && (end == first || tokens + prompts.get(end).length <= tokensAtOnce)) {
        tokens += prompts.get(end++).length;
      }
      float[][][] states = engine.hiddenStates(batch(prompts.subList(first, end)), pooling);
      for (int layer = 0; layer < layers.length; layer++) {
        for (int q = first; q < end; q++) {
          layers[layer][q] = doubles(states[layer][q - first]);
        }
      }
      first = end;
    }
    return new QueryStates(layers);
  }

  private static MicroBatch batch(List<int[]> prompts) {
    List<Integer> ids = new ArrayList<>();
    int[] offsets = new int[prompts.size() + 1];
    for (int d = 0; d < prompts.size(); d++) {
      Arrays.stream(prompts.get(d)).forEach(ids::add);
      offsets[d + 1] = ids.size();
    }
    int[] labels = new int[ids.size()];
    Arrays.fill(labels, MicroBatch.IGNORE_INDEX);
    return new MicroBatch(
        ids.stream().mapToInt(Integer::intValue).toArray(),
        labels,
        offsets,
        new int[prompts.size()]);
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
