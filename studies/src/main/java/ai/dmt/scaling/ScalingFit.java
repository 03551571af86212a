package ai.dmt.scaling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * All laws fitted to the same observations, and which of them is likelier.
 *
 * @param data what was measured
 * @param fits by law
 * @param exponent 95 % of the power law's
 * @param plateau 95 % of the plateau's height
 */
public record ScalingFit(
    List<Observation> data, Map<ScalingLaw, Fit> fits, Range exponent, Range plateau) {
  /** Amounts that a power law needs, at least. */
  public static final int LEAST_AMOUNTS = 3;

  private static final double DECIDED = Math.E; // odds of two units of AICc
  private static final int REPEATS = 1_000;
  private static final long SEED = 20_231_009;

  /**
   * Copies.
   *
   * @param data what was measured
   * @param fits by law
   * @param exponent 95 % of the power law's
   * @param plateau 95 % of the plateau's height
   */
  public ScalingFit {
    data = List.copyOf(data);
    fits = new EnumMap<>(fits);
  }

  /**
   * Two ends of an interval.
   *
   * @param low lower end
   * @param high upper end
   */
  public record Range(double low, double high) {}

  /**
   * Fits all laws. Intervals are bootstrapped over the runs' residuals, enlarged by the degrees of
   * freedom that the fit took.
   *
   * @param data what runs measured, in any order
   * @return empty where there are fewer than {@link #LEAST_AMOUNTS} amounts
   */
  public static Optional<ScalingFit> of(List<Observation> data) {
    if (data.stream().mapToDouble(Observation::amount).distinct().count() < LEAST_AMOUNTS) {
      return Optional.empty();
    }
    Fit power = ScalingLaw.POWER.fit(data);
    Fit plateau = ScalingLaw.PLATEAU.fit(data);
    Map<ScalingLaw, Fit> fits = new EnumMap<>(ScalingLaw.class);
    fits.put(ScalingLaw.POWER, power);
    fits.put(ScalingLaw.PLATEAU, plateau);
    fits.put(ScalingLaw.CONSTANT, ScalingLaw.CONSTANT.fit(data));
    return Optional.of(
        new ScalingFit(
            data,
            fits,
            interval(data, power, Fit::exponent),
            interval(data, plateau, Fit::plateau)));
  }

  private static Range interval(List<Observation> data, Fit fit, ToDoubleFunction<Fit> parameter) {
    int n = data.size();
    double enlarged = Math.sqrt((double) n / Math.max(1, n - fit.law().parameters()));
    Random random = new Random(SEED);
    double[] values = new double[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      List<Observation> drawn = new ArrayList<>();
      for (Observation one : data) {
        Observation other = data.get(random.nextInt(n));
        double residual = other.value() - fit.at(other.amount());
        drawn.add(new Observation(one.amount(), fit.at(one.amount()) + enlarged * residual));
      }
      values[repeat] = parameter.applyAsDouble(fit.law().fit(drawn));
    }
    Arrays.sort(values);
    return new Range(values[(int) (0.025 * REPEATS)], values[(int) (0.975 * REPEATS) - 1]);
  }

  /**
   * {@return the fit of a law}
   *
   * @param law one of {@link #fits()}
   * @throws IllegalArgumentException if it was not fitted
   */
  public Fit fit(ScalingLaw law) {
    Fit fit = fits.get(law);
    if (fit == null) {
      throw new IllegalArgumentException("%s is not fitted, only %s".formatted(law, fits.keySet()));
    }
    return fit;
  }

  /**
   * {@return Akaike's weight of a law, see {@link #weights}}
   *
   * @param law one of {@link #fits()}
   * @throws IllegalArgumentException if it was not fitted
   */
  public double weight(ScalingLaw law) {
    return Objects.requireNonNull(weights().get(fit(law).law()));
  }

  /**
   * {@return Akaike's weight of each law, in [0, 1]: how likely it is the best of them; NaN with
   * too few runs}
   */
  public Map<ScalingLaw, Double> weights() {
    Map<ScalingLaw, Double> weights = new EnumMap<>(ScalingLaw.class);
    double least = fits.values().stream().mapToDouble(fit -> fit.aicc(data)).min().orElseThrow();
    double sum = 0;
    for (Fit fit : fits.values()) {
      double weight = Math.exp((least - fit.aicc(data)) / 2);
      weights.put(fit.law(), weight);
      sum += weight;
    }
    double all = sum;
    weights.replaceAll((law, weight) -> weight / all);
    return weights;
  }

  /** {@return what the weights say, in words} */
  public String verdict() {
    double power = weight(ScalingLaw.POWER);
    double plateau = weight(ScalingLaw.PLATEAU);
    double constant = weight(ScalingLaw.CONSTANT);
    if (Double.isNaN(power)) {
      return "too few runs to tell";
    }
    if (constant > Math.max(power, plateau)) {
      return "no change with the amount";
    }
    double odds = Math.max(power, plateau) / Math.min(power, plateau);
    String likelier = plateau > power ? "a plateau" : "a power law";
    return odds > DECIDED ? likelier + " is likelier" : "not decided, rather " + likelier;
  }
}
