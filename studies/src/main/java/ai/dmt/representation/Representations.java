package ai.dmt.representation;

import java.util.List;

/**
 * What models make of the same queries: probes and similarity of every layer, and one layer in two
 * dimensions.
 *
 * @param models names
 * @param sources names
 * @param layer that is drawn, from 0
 * @param classes number of the source of each query
 * @param abilities number of the source whose ability each query asks for
 * @param openings how many ways to begin the queries have
 * @param layers the embedding first
 * @param clouds of the models that are drawn
 */
public record Representations(
    List<String> models,
    List<String> sources,
    int layer,
    int[] classes,
    int[] abilities,
    int openings,
    List<Layer> layers,
    List<Cloud> clouds) {
  /**
   * A layer.
   *
   * @param number 0 is the embedding
   * @param probes of each model
   * @param cka of each model with each other; NaN where one does not vary
   */
  public record Layer(int number, List<Probes> probes, double[][] cka) {}

  /**
   * What linear classifiers tell of the queries of one layer of one model; shares in [0, 1].
   *
   * @param source told right
   * @param ability told right
   * @param control right of labels that were drawn at random for each way to begin, mean of the
   *     draws
   * @param selectivityError standard error of ability less control, over ways to begin and draws
   * @param across ability told right of queries that ask for that of another source, by a
   *     classifier that has seen none of them; NaN where there are too few
   * @param acrossP how often the abilities of these queries, exchanged among ways to begin, are
   *     told as well; NaN where there are too few
   */
  public record Probes(
      double source,
      double ability,
      double control,
      double selectivityError,
      double across,
      double acrossP) {
    /** {@return how much better abilities are told than labels at random} */
    public double selectivity() {
      return ability - control;
    }
  }

  /**
   * A model's queries in two dimensions.
   *
   * @param model its number
   * @param pca places by the first two principal components
   * @param shares of the variance that the two explain, in [0, 1]
   * @param tsne places by t-SNE
   */
  public record Cloud(int model, double[][] pca, double[] shares, double[][] tsne) {}

  /** {@return how many queries ask for the ability of another source} */
  public int acrossCount() {
    int count = 0;
    for (int q = 0; q < classes.length; q++) {
      count += classes[q] == abilities[q] ? 0 : 1;
    }
    return count;
  }
}
