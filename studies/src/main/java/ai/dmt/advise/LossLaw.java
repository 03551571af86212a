package ai.dmt.advise;

import java.util.List;
import org.hipparchus.analysis.differentiation.Gradient;

/**
 * How a held-out loss follows from a mixture. Parameters are transformed so that all of their
 * values make sense, and have normal priors that are wide beside what one run tells.
 */
abstract class LossLaw {
  private final MixtureSpace space;
  private final List<String> sources;
  private final String ability;
  private final double base;

  /**
   * @param space of the mixtures
   * @param ability whose loss it is
   * @param base the base model's loss of it, which is measured
   */
  LossLaw(MixtureSpace space, String ability, double base) {
    this.space = space;
    this.sources = List.copyOf(space.sources().keySet());
    this.ability = ability;
    this.base = base;
  }

  final MixtureSpace space() {
    return space;
  }

  /** Names of the sources, in order. */
  final List<String> sources() {
    return sources;
  }

  final String ability() {
    return ability;
  }

  final double base() {
    return base;
  }

  /** Where parameters are before any run is known. */
  abstract double[] prior();

  /** Their standard deviations then. */
  abstract double[] spread();

  /** Number of the parameter that is tried far off its prior, since its scale is not known. */
  abstract int widest();

  /**
   * The logarithm of the loss that a mixture ends with, and its derivatives by the parameters.
   *
   * @param values of the parameters
   */
  abstract Gradient logLoss(double[] values, MixturePlan plan);

  /** The parameters as variables, to be derived by. */
  static Gradient[] variables(double[] values) {
    Gradient[] variables = new Gradient[values.length];
    for (int p = 0; p < values.length; p++) {
      variables[p] = Gradient.variable(values.length, p, values[p]);
    }
    return variables;
  }
}
