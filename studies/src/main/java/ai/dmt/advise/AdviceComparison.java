package ai.dmt.advise;

import ai.dmt.evaluators.statistics.Effect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.Variance;

/**
 * The advised mixture beside what is done without advice, each trained on as many tokens with the
 * same seeds.
 *
 * @param losses logarithms of held-out losses: by mixture, then by source, one for each seed
 */
public record AdviceComparison(Map<String, Map<String, List<Double>>> losses) {
  /** Name of the advised mixture among {@link #losses()}. */
  public static final String ADVISED = "advised";

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
   * {@return how much higher the logarithm of a source's loss is than with the advised mixture,
   * paired by seed}
   *
   * @param mixture one of {@link #losses()}
   * @param source whose held-out loss it is
   */
  public Effect difference(String mixture, String source) {
    List<Double> theirs = Present.in(Present.in(losses, mixture), source);
    List<Double> own = Present.in(Present.in(losses, ADVISED), source);
    double[] differences = new double[own.size()];
    for (int seed = 0; seed < differences.length; seed++) {
      differences[seed] = theirs.get(seed) - own.get(seed);
    }
    return of(differences);
  }

  /**
   * {@return the same of the mean over sources, each counted alike}
   *
   * @param mixture one of {@link #losses()}
   */
  public Effect difference(String mixture) {
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

  private static Effect of(double[] differences) {
    Mean mean = Mean.of(differences);
    return new Effect(
        mean.getAsDouble(),
        differences.length,
        differences.length < 2 ? Double.NaN : Variance.of(differences).getAsDouble(),
        0,
        false);
  }
}
