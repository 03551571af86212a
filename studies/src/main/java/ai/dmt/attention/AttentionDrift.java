package ai.dmt.attention;

import ai.dmt.engine.AttentionMeasures;
import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.statistics.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far the attention of models drifted from those before, over all heads and seeds.
 *
 * @param seeds how many pairs of models there are
 * @param sources each with what moved on its samples
 */
public record AttentionDrift(int seeds, List<OfSource> sources) {
  /**
   * What moved on a source's samples, mean over heads, samples and seeds.
   *
   * @param source its name
   * @param moved share of the attention that lies elsewhere, in [0, 1]
   * @param entropy change, in nats
   * @param distance change, in positions
   */
  public record OfSource(String source, Mean moved, Mean entropy, Mean distance) {}

  /**
   * A mean.
   *
   * @param value over seeds
   * @param interval of 95 %, over seeds and the choice of samples; null of one seed
   */
  public record Mean(double value, @Nullable Interval interval) {}

  /**
   * Adds up over seeds.
   *
   * @param sources names, in the order of the samples' numbers
   * @param before what the heads of each seed's first model do; may be the same for all
   * @param after what those of its other model do, on the same samples
   * @return the means
   */
  public static AttentionDrift of(
      List<String> sources, List<HeadSamples> before, List<HeadSamples> after) {
    List<OfSource> all = new ArrayList<>();
    for (int s = 0; s < sources.size(); s++) {
      all.add(
          new OfSource(
              sources.get(s),
              mean(before, after, s, (one, other) -> other.moved()),
              mean(before, after, s, (one, other) -> other.entropy() - one.entropy()),
              mean(before, after, s, (one, other) -> other.distance() - one.distance())));
    }
    return new AttentionDrift(after.size(), all);
  }

  private static Mean mean(
      List<HeadSamples> before,
      List<HeadSamples> after,
      int source,
      ToDoubleBiFunction<AttentionMeasures, AttentionMeasures> value) {
    int seeds = after.size();
    double[] ofSeeds = new double[seeds];
    double[] ofSamples = new double[0];
    for (int seed = 0; seed < seeds; seed++) {
      double[] values = ofSamples(before.get(seed), after.get(seed), source, value);
      ofSeeds[seed] = Moments.mean(values);
      ofSamples = seed == 0 ? new double[values.length] : ofSamples;
      for (int s = 0; s < values.length; s++) {
        ofSamples[s] += values[s] / seeds;
      }
    }
    double ofSeed = seeds == 1 ? Double.NaN : Math.pow(Moments.error(ofSeeds), 2) * seeds;
    double ofSample = Math.pow(Moments.error(ofSamples), 2);
    double mean = Moments.mean(ofSeeds);
    return new Mean(mean, new Effect(mean, seeds, ofSeed, ofSample, false).interval().orElse(null));
  }

  /** Mean over heads of each of a source's samples. */
  private static double[] ofSamples(
      HeadSamples before,
      HeadSamples after,
      int source,
      ToDoubleBiFunction<AttentionMeasures, AttentionMeasures> value) {
    int layers = after.measures().length;
    int heads = after.measures()[0].length;
    double[] means = new double[after.sources().length];
    for (int layer = 0; layer < layers; layer++) {
      for (int head = 0; head < heads; head++) {
        AttentionMeasures[] one = before.measures()[layer][head];
        AttentionMeasures[] other = after.measures()[layer][head];
        for (int s = 0; s < means.length; s++) {
          means[s] += value.applyAsDouble(one[s], other[s]) / (layers * heads);
        }
      }
    }
    return after.of(source, means);
  }
}
