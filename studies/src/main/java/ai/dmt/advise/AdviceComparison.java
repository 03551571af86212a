package ai.dmt.advise;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * The advised mixture beside what is done without advice, each trained on as many tokens with the
 * same seeds.
 *
 * @param losses logarithms of held-out losses: by mixture, then by source, one for each seed
 */
public record AdviceComparison(Map<String, Map<String, List<Double>>> losses) {
  /** Name of the advised mixture among {@link #losses()}. */
  public static final String ADVISED = "advised";

  private static final double LEVEL = 0.05;

  /** The mixtures that are compared, by name. */
  static Map<String, MixturePlan> plans(Advice advice) {
    MixtureSpace space = advice.space();
    Map<String, MixturePlan> plans = new LinkedHashMap<>();
    plans.put(ADVISED, advice.recommended());
    plans.put("all-rows", space.proportional());
    Map<String, Double> equal = new LinkedHashMap<>();
    space.sources().keySet().forEach(name -> equal.put(name, 1.0 / space.sources().size()));
    plans.put("equal-shares", space.plan(equal));
    if (space.baselines().size() > 1) {
      plans.put("mixed-sequential", space.plan(space.natural(), 0));
      plans.put("dmt-k=1/256", space.paper());
    }
    return plans;
  }

  /**
   * How a mixture's losses differ from the advised one's, paired by seed.
   *
   * @param mean of the differences of logarithms; above 0 where the advised one is better
   * @param half half the width of its interval of 95 %; infinite with one seed
   */
  public record Difference(double mean, double half) {}

  /**
   * {@return the difference of one source}
   *
   * @param mixture one of {@link #losses()}
   * @param source whose held-out loss it is
   */
  public Difference difference(String mixture, String source) {
    List<Double> theirs = Present.in(Present.in(losses, mixture), source);
    List<Double> own = Present.in(Present.in(losses, ADVISED), source);
    double[] differences = new double[own.size()];
    for (int seed = 0; seed < differences.length; seed++) {
      differences[seed] = theirs.get(seed) - own.get(seed);
    }
    return of(differences);
  }

  /**
   * {@return the difference of the mean over sources, each counted alike}
   *
   * @param mixture one of {@link #losses()}
   */
  public Difference difference(String mixture) {
    Map<String, List<Double>> own = Present.in(losses, ADVISED);
    double[] differences = new double[own.values().iterator().next().size()];
    for (String source : own.keySet()) {
      for (int seed = 0; seed < differences.length; seed++) {
        differences[seed] +=
            (Present.in(Present.in(losses, mixture), source).get(seed)
                    - Present.in(own, source).get(seed))
                / own.size();
      }
    }
    return of(differences);
  }

  private static Difference of(double[] differences) {
    int n = differences.length;
    double mean = 0;
    for (double each : differences) {
      mean += each / n;
    }
    if (n < 2) {
      return new Difference(mean, Double.POSITIVE_INFINITY);
    }
    double squares = 0;
    for (double each : differences) {
      squares += (each - mean) * (each - mean);
    }
    double error = Math.sqrt(squares / (n - 1) / n);
    return new Difference(
        mean, TDistribution.of(n - 1).inverseSurvivalProbability(LEVEL / 2) * error);
  }
}
