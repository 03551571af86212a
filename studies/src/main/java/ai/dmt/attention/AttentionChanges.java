package ai.dmt.attention;

import ai.dmt.independence.Independence.LossChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * What training changed in the attention of a model.
 *
 * @param names of the two models, the one before first
 * @param sources names
 * @param samples how many there are of all sources together
 * @param heads of all layers, layer after layer
 */
public record AttentionChanges(
    List<String> names, List<String> sources, int samples, List<Head> heads) {
  private static final double LEVEL = 0.05;
  private static final double MARGIN =
      Math.log(1.1); // a loss that moves by less than a tenth stays

  /**
   * A head.
   *
   * @param layer from 0
   * @param head from 0
   * @param all over the samples of all sources
   * @param bySource over those of each
   * @param changeP whether entropy changed at all: p of a paired test, after Holm's correction over
   *     heads
   * @param sourceP whether it changed more in one source than in another: p of exchanges of the
   *     samples among sources, for all heads together
   * @param worth importance by model and source: how the held-out loss changes where the head's
   *     output counts as 0 (the ablation of single heads of Michel et al., 2019), for this model
   *     and these samples, not its slope; empty where that was not measured
   */
  public record Head(
      int layer,
      int head,
      Means all,
      Map<String, Means> bySource,
      double changeP,
      double sourceP,
      List<Map<String, LossChange>> worth) {}

  /**
   * Means over samples.
   *
   * @param entropy in nats, of the model before and of the other
   * @param distance in positions, of both
   * @param first share of the first position, of both
   * @param moved share of the attention that lies elsewhere, in [0, 1]
   * @param entropyChange mean of the samples' own changes
   * @param entropyError its standard error
   */
  public record Means(
      double[] entropy,
      double[] distance,
      double[] first,
      double moved,
      double entropyChange,
      double entropyError) {}

  /**
   * {@return the sources whose loss surely rises by more than a tenth without a head}
   *
   * @param head of {@link #heads}
   * @param model 0 for the one before, 1 for the other
   */
  public List<String> neededBy(Head head, int model) {
    List<String> needed = new ArrayList<>();
    head.worth()
        .get(model)
        .forEach(
            (source, change) -> {
              if (change.log() - quantile() * change.error() > MARGIN) {
                needed.add(source);
              }
            });
    return needed;
  }

  /** Half of an interval in standard errors, for all heads and sources together (Bonferroni). */
  double quantile() {
    int cells = heads.size() * sources.size();
    return NormalDistribution.of(0, 1).inverseSurvivalProbability(LEVEL / 2 / cells);
  }

  /** How many heads changed their entropy. */
  long changed() {
    return heads.stream().filter(head -> head.changeP() < LEVEL).count();
  }

  /** How many changed it more in one source than in another. */
  long changedBySource() {
    return heads.stream().filter(head -> head.sourceP() < LEVEL).count();
  }

  /** How many heads a source needs. @param model 0 for the one before, 1 for the other */
  long neededBy(String source, int model) {
    return heads.stream().filter(head -> neededBy(head, model).contains(source)).count();
  }

  /** Whether losses without heads were measured. */
  boolean hasWorth() {
    return !heads.get(0).worth().isEmpty();
  }
}
