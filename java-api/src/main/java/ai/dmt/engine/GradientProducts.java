package ai.dmt.engine;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * How the gradients of several sets of micro-batches lie to each other at the same weights: their
 * inner products, tensor by tensor. Products of sums of tensors are sums of products, so that a
 * layer, or the whole model, can be asked for.
 *
 * @param tensors names, such as "model.layers.0.mlp.up_proj.weight"
 * @param products [tensors][sets][sets], symmetric; a set's own is the square of its gradient's
 *     norm
 */
public record GradientProducts(List<String> tensors, double[][][] products) {
  /**
   * Copies, and demands a square of products for each tensor.
   *
   * @param tensors names
   * @param products [tensors][sets][sets], symmetric
   */
  public GradientProducts {
    tensors = List.copyOf(tensors);
    if (products.length != tensors.size()) {
      throw new IllegalArgumentException(
          "products of %s tensors, but %s names".formatted(products.length, tensors.size()));
    }
    products =
        Arrays.stream(products)
            .map(each -> Arrays.stream(each).map(double[]::clone).toArray(double[][]::new))
            .toArray(double[][][]::new);
  }

  /**
   * {@return the inner products of all sets with each other, over some tensors: [sets][sets]}
   *
   * @param some tensors that count, by name
   */
  public double[][] over(Predicate<String> some) {
    int sets = products.length == 0 ? 0 : products[0].length;
    double[][] sums = new double[sets][sets];
    for (int t = 0; t < products.length; t++) {
      if (some.test(tensors.get(t))) {
        for (int one = 0; one < sets; one++) {
          for (int other = 0; other < sets; other++) {
            sums[one][other] += products[t][one][other];
          }
        }
      }
    }
    return sums;
  }

  /**
   * What each label token of a set weighs, so that the set's gradient is that of the mean over its
   * label tokens.
   */
  static double tokenWeight(List<MicroBatch> set) {
    long labels = set.stream().mapToLong(MicroBatch::labelTokens).sum();
    if (labels == 0) {
      throw new EngineException("a set of micro-batches without label tokens has no gradient");
    }
    return 1.0 / labels;
  }
}
