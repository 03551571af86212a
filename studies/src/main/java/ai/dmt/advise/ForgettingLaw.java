package ai.dmt.advise;

import java.util.Arrays;
import org.hipparchus.analysis.differentiation.Gradient;

/**
 * The law of the loss L of what the base model writes by itself, which no source teaches: a power
 * law of all that is trained on.
 *
 * <p>[Note: forgetting law] With n1 and n2 tokens of a source in the first and the last stage, and
 * N tokens of a whole run,
 *
 * <pre>
 * L = B (1 + s D^gamma)
 * D = sum over sources j of omega_j (n2_j + f n1_j) / N
 * f = 1 / (1 + o / phi)    what o tokens of the last stage leave of the first one's
 * </pre>
 *
 * B, the base model's own loss, is measured. s, gamma, phi and the weights omega, one of each
 * source, are above 0 and fitted, as logarithms.
 */
final class ForgettingLaw extends LossLaw {
  private static final int SIZE = 0;
  private static final int GAMMA = 1;
  private static final int PHI = 2;
  private static final int OMEGA = 3; // and on

  /**
   * @param space of the mixtures
   * @param ability what the text is called among losses
   * @param base the base model's own loss
   */
  ForgettingLaw(MixtureSpace space, String ability, double base) {
    super(space, ability, base);
  }

  @Override
  double[] prior() {
    double[] prior = new double[OMEGA + sources().size()];
    prior[SIZE] = Math.log(0.2);
    prior[GAMMA] = Math.log(0.5);
    return prior;
  }

  @Override
  double[] spread() {
    double[] spread = prior();
    Arrays.fill(spread, 0.7); // of weights
    spread[SIZE] = 1.5;
    spread[GAMMA] = 0.5;
    spread[PHI] = 1.5;
    return spread;
  }

  @Override
  int widest() {
    return SIZE;
  }

  @Override
  Gradient logLoss(double[] values, MixturePlan plan) {
    int n = values.length;
    Gradient[] x = variables(values);
    double last = plan.last().values().stream().mapToDouble(Double::doubleValue).sum();
    Gradient left = x[PHI].exp().reciprocal().multiply(last / space().tokens()).add(1).reciprocal();
    Gradient done = Gradient.constant(n, 0);
    for (int j = 0; j < sources().size(); j++) {
      String source = sources().get(j);
      Gradient tokens = left.multiply(plan.first(source)).add(plan.last(source));
      done = done.add(x[OMEGA + j].exp().multiply(tokens.divide(space().tokens())));
    }
    Gradient grown = done.log().multiply(x[GAMMA].exp()).add(x[SIZE]).exp();
    return grown.add(1).log().add(Math.log(base()));
  }
}
