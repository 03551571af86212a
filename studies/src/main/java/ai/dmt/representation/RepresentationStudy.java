package ai.dmt.representation;

import ai.dmt.representation.Representations.Cloud;
import ai.dmt.representation.Representations.Layer;
import ai.dmt.representation.Representations.Probes;
import java.util.ArrayList;
import java.util.List;

/** Computes what models make of the same queries (the paper's section 6). */
public final class RepresentationStudy {
  private static final int PAPERS_LAYER = 15;
  private static final double PERPLEXITY = 30;

  private RepresentationStudy() {}

  /**
   * {@return the layer that is drawn where nobody chooses one: the paper's, or the middle of a
   * model with fewer than twice as many}
   *
   * @param layers of the models, without the embedding
   */
  public static int usualLayer(int layers) {
    return Math.min(PAPERS_LAYER, layers / 2);
  }

  /**
   * Computes all.
   *
   * @param queries that all models were asked
   * @param names of the models
   * @param models their states, as many layers each
   * @param layer that is drawn, from 0
   * @param drawn numbers of the models that are drawn
   * @param seed of the probes and of t-SNE
   * @return probes and similarity of every layer, and the drawings
   */
  public static Representations of(
      Queries queries,
      List<String> names,
      List<QueryStates> models,
      int layer,
      List<Integer> drawn,
      long seed) {
    ProbeSet probes = new ProbeSet(queries, seed);
    List<Layer> layers = new ArrayList<>();
    for (int each = 0; each < models.get(0).layers().length; each++) {
      int number = each;
      List<double[][]> states = models.stream().map(model -> model.layers()[number]).toList();
      List<Probes> told = states.stream().map(probes::of).toList();
      layers.add(new Layer(number, told, Cka.matrix(states.toArray(double[][][]::new))));
    }
    List<Cloud> clouds = new ArrayList<>();
    for (int model : drawn) {
      double[][] states = models.get(model).layers()[layer];
      Pca pca = Pca.of(states);
      clouds.add(new Cloud(model, pca.places(), pca.shares(), TSne.of(states, PERPLEXITY, seed)));
    }
    int openings = (int) java.util.Arrays.stream(queries.openings()).distinct().count();
    return new Representations(
        List.copyOf(names),
        queries.sources(),
        layer,
        queries.classes(),
        queries.abilities(),
        openings,
        layers,
        clouds);
  }
}
