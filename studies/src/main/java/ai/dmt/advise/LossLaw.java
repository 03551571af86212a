package ai.dmt.advise;

import org.hipparchus.analysis.differentiation.Gradient;

/**
 * How a held-out loss follows from a mixture. Parameters are transformed so that all of their
 * values make sense, and have normal priors that are wide beside what one run tells.
 */
interface LossLaw {
  /** The mixtures. */
  MixtureSpace space();

  /** Whose loss it is. */
  String ability();

  /** The base model's loss. */
  double base();

  /** Where parameters are before any run is known. */
  double[] prior();

  /** Their standard deviations then. */
  double[] spread();

  /** Number of the parameter that is tried far off its prior, since its scale is not known. */
  int widest();

  /**
   * The logarithm of the loss that a mixture ends with, and its derivatives by the parameters.
   *
   * @param values of the parameters
   */
  Gradient logLoss(double[] values, MixturePlan plan);
}
