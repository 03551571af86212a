package ai.dmt.engine;

import ai.dmt.bindings.GradientSet;
import java.util.List;

/** Inner products of gradients that stay in native memory. */
final class NativeGradients {
  private NativeGradients() {}

  /** Collective. See {@link TrainingEngine#gradientProducts}. @param kept of this engine, empty */
  static GradientProducts products(
      NativeEngine engine, GradientSet kept, List<List<MicroBatch>> sets) {
    for (List<MicroBatch> batches : sets) {
      double weight = GradientProducts.tokenWeight(batches);
      for (int first = 0; first < batches.size(); first += engine.worldSize()) {
        int own = first + engine.rank();
        engine.accumulate(own < batches.size() ? batches.get(own) : MicroBatch.NOTHING, weight);
      }
      NativeCall.run(kept::keep);
    }
    List<String> names = engine.tensorNames();
    double[][][] products = new double[names.size()][sets.size()][sets.size()];
    for (int one = 0; one < sets.size(); one++) {
      for (int other = 0; other <= one; other++) {
        double[] pair = new double[names.size()];
        int a = one;
        int b = other;
        NativeCall.run(() -> kept.products(a, b, pair));
        for (int tensor = 0; tensor < pair.length; tensor++) {
          products[tensor][one][other] = pair[tensor];
          products[tensor][other][one] = pair[tensor];
        }
      }
    }
    return new GradientProducts(names, products);
  }
}
