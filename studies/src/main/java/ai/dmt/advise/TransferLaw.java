package ai.dmt.advise;

import java.util.Arrays;
import java.util.List;
import org.hipparchus.analysis.differentiation.Gradient;

/**
 * The law of one source's held-out loss L over mixtures: a power law of the data that are effective
 * for it.
 *
 * <p>[Note: transfer law] With n1 and n2 tokens in the first and the last stage,
 *
 * <pre>
 * L = E + (B - E) (1 + D / kappa)^-alpha
 * D = n2 + r n1 + sum over the other sources j of tau_j (n2_j + f n1_j)
 * f = 1 / (1 + o / phi)                      what o tokens of others, trained on afterwards, leave
 * r = f + (1 - f) n2 / (n2 + psi)            and what n2 tokens of replay bring back of that
 * </pre>
 *
 * B, the base model's loss, is measured; all else is fitted: the floor E, alpha, kappa, phi, psi,
 * and a coefficient tau of transfer for each other source, below 0 where it interferes. It is the
 * effective data of arXiv 2508.11953 in the form of data scaling laws, with forgetting and replay
 * put in for two stages. Parameters of tokens are in units of what a whole run trains on. Where a
 * mixture has fewer than no effective tokens, it does nothing.
 */
final class TransferLaw extends LossLaw {
  private static final int FLOOR = 0;
  private static final int ALPHA = 1;
  private static final int KAPPA = 2;
  private static final int PHI = 3;
  private static final int PSI = 4;
  private static final int TAU = 5; // and on

  /**
   * @param space of the mixtures
   * @param ability the source whose loss it is
   * @param base the base model's loss of it
   */
  TransferLaw(MixtureSpace space, String ability, double base) {
    super(space, ability, base);
  }

  @Override
  double[] prior() {
    double[] prior = new double[TAU + sources().size() - 1];
    prior[FLOOR] = -2.5;
    prior[KAPPA] = Math.log(space().tokens() / 20);
    prior[PHI] = Math.log(space().tokens() / 13);
    prior[PSI] = Math.log(space().tokens() / 40);
    return prior;
  }

  @Override
  double[] spread() {
    double[] spread = new double[TAU + sources().size() - 1];
    Arrays.fill(spread, 0.1); // of transfer
    spread[FLOOR] = 1.5;
    spread[ALPHA] = 0.7;
    spread[KAPPA] = 2;
    spread[PHI] = 1.5;
    spread[PSI] = 1.5;
    return spread;
  }

  @Override
  int widest() {
    return KAPPA;
  }

  @Override
  Gradient logLoss(double[] values, MixturePlan plan) {
    int n = values.length;
    Gradient[] x = variables(values);
    double own = plan.last(ability());
    double others = plan.last().values().stream().mapToDouble(Double::doubleValue).sum() - own;
    Gradient kept = x[PHI].exp().reciprocal().multiply(others).add(1).reciprocal();
    Gradient back = x[PSI].exp().add(own).reciprocal().multiply(own);
    Gradient data =
        kept.subtract(1).negate().multiply(back).add(kept).multiply(plan.first(ability())).add(own);
    int tau = TAU;
    for (String source : sources()) {
      if (!source.equals(ability())) {
        Gradient theirs = kept.multiply(plan.first(source)).add(plan.last(source));
        data = data.add(x[tau++].multiply(theirs));
      }
    }
    if (data.getValue() < 0) {
      data = Gradient.constant(n, 0);
    }
    Gradient floor = x[FLOOR].negate().exp().add(1).reciprocal().multiply(base());
    Gradient steepness = x[ALPHA].exp().negate();
    Gradient falls = data.divide(x[KAPPA].exp()).add(1).log().multiply(steepness).exp();
    return floor.negate().add(base()).multiply(falls).add(floor).log();
  }

  /** What a source's tokens count for, beside the ability's own, 1. */
  double transfer(double[] values, String source) {
    if (source.equals(ability())) {
      return 1;
    }
    List<String> others = sources().stream().filter(each -> !each.equals(ability())).toList();
    return values[TAU + others.indexOf(source)];
  }
}
