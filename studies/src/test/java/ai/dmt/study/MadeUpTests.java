package ai.dmt.study;

import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.evaluators.statistics.Link;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.evaluators.statistics.ScaledMean;
import ai.dmt.evaluators.statistics.SeedContrast;
import ai.dmt.evaluators.statistics.SeedContrast.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Studies whose effects are known, because they were made up: models of several seeds and groups,
 * with the spreads that studies of the bundled world have. Seeds move all groups together and each
 * alone; problems are easier or harder for all models, for a group, and by chance.
 */
final class MadeUpTests {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
  private static final double SHARED = Math.sqrt(0.4);
  private static final double OF_GROUP = Math.sqrt(0.2);
  private static final double OF_CHANCE = Math.sqrt(0.4);
  private static final double LOSS_SPREAD = 0.7; // between held-out samples, on the log scale
  private static final Metric SHARE = new Metric("math", "gsm8k", "accuracy", "", false);
  private static final Metric LOSS = new Metric("math", "", "held-out loss", "", false);

  private final SplittableRandom random;
  private final int seeds;

  MadeUpTests(long seed, int seeds) {
    this.random = new SplittableRandom(seed);
    this.seeds = seeds;
  }

  /**
   * A claim whose truth is known.
   *
   * @param loss whether its measure is a loss; else a share
   * @param level of the groups: a share, or nats
   * @param weights of the groups
   * @param truth the contrast, on the scale of the measure, more is better
   * @param seedSpread standard deviation between seeds, on the scale
   * @param abilities over which the contrast is averaged
   */
  record Planted(
      String name,
      Claim.Expected expected,
      boolean loss,
      double level,
      double[] weights,
      double truth,
      double seedSpread,
      int problems,
      int abilities) {
    Metric metric() {
      return loss ? LOSS : SHARE;
    }

    double margin() {
      return loss ? 0.1 : 0.2;
    }

    Planted withTruth(double other) {
      return new Planted(
          name, expected, loss, level, weights, other, seedSpread, problems, abilities);
    }
  }

  /** What was measured, for the new method and for the old one. */
  record Measured(Claim.Tested test, double[][] values, double[][] errors) {}

  Measured measure(Planted claim) {
    List<Part> parts = new ArrayList<>();
    double[][] values = null;
    double[][] errors = null;
    for (int ability = 0; ability < claim.abilities(); ability++) {
      values = new double[seeds][claim.weights().length];
      errors = new double[seeds][claim.weights().length];
      parts.add(part(claim, values, errors));
    }
    Effect effect = SeedContrast.of(parts);
    Map<String, Double> weights = new LinkedHashMap<>();
    for (int g = 0; g < claim.weights().length; g++) {
      weights.put("group " + g, claim.weights()[g]);
    }
    Contrast contrast = new Contrast(claim.metric(), weights);
    return new Measured(
        new Claim.Tested(List.of(contrast), claim.expected(), claim.margin(), effect),
        values,
        errors);
  }

  private Part part(Planted claim, double[][] values, double[][] errors) {
    int groups = claim.weights().length;
    int n = claim.problems();
    double[] hard = gaussians(n);
    double[][] hardForGroup = new double[groups][];
    for (int g = 0; g < groups; g++) {
      hardForGroup[g] = gaussians(n);
    }
    double[] tokens = new double[n];
    Arrays.setAll(tokens, i -> claim.loss() ? 10 + random.nextInt(50) : 1);
    Link link = claim.loss() ? Link.LOG : Link.LOGIT;
    double sign = claim.loss() ? -1 : 1;
    List<List<ScaledMean>> cells = new ArrayList<>();
    for (int s = 0; s < seeds; s++) {
      double ofSeed = random.nextGaussian();
      List<ScaledMean> models = new ArrayList<>();
      for (int g = 0; g < groups; g++) {
        double moved = claim.seedSpread() * Math.sqrt(0.5) * (ofSeed + random.nextGaussian());
        // The first group has all of the effect; its weight is 1.
        double scaled = link.of(claim.level()) + moved + (g == 0 ? sign * claim.truth() : 0);
        double[] sums = new double[n];
        double threshold =
            claim.loss() ? 0 : NORMAL.inverseCumulativeProbability(link.inverse(scaled));
        for (int i = 0; i < n; i++) {
          double draw =
              SHARED * hard[i] + OF_GROUP * hardForGroup[g][i] + OF_CHANCE * random.nextGaussian();
          sums[i] =
              claim.loss()
                  ? tokens[i]
                      * Math.exp(scaled + LOSS_SPREAD * draw - LOSS_SPREAD * LOSS_SPREAD / 2)
                  : draw < threshold ? 1 : 0;
        }
        PooledMean mean = new PooledMean(sums, tokens);
        values[s][g] = mean.value();
        errors[s][g] = claim.loss() ? 0 : wilson(mean.value(), n);
        models.add(ScaledMean.of(link, mean));
      }
      cells.add(models);
    }
    double[] signed = Arrays.stream(claim.weights()).map(weight -> sign * weight).toArray();
    return new Part(signed, cells);
  }

  private double[] gaussians(int n) {
    double[] drawn = new double[n];
    Arrays.setAll(drawn, i -> random.nextGaussian());
    return drawn;
  }

  /** The standard error that a score's interval stands for. */
  private static double wilson(double share, int n) {
    var interval = ai.dmt.evaluators.statistics.Intervals.wilson(Math.round(share * n), n);
    return (interval.high() - interval.low()) / 2 / 1.959964;
  }
}
