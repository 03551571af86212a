package ai.dmt.conflict;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * The cosine of two sources' gradients, of which only samples are known.
 *
 * <p>A gradient of some samples is the source's own gradient and noise. Inner products of
 * independent gradients are unbiased, and so are those of two sets of one source, which stand for
 * the square of its gradient's length; the cosine is made of these alone. That of the samples'
 * gradients would be nearer to 0 the noisier they are. Its error is the jackknife's over the sets.
 *
 * @param cosine without the part of noise; NaN where a source's gradient cannot be told from noise.
 *     It can be a little beyond 1
 * @param low end of the 95 % interval; NaN where nothing is known
 * @param high end of the 95 % interval
 * @param seen mean cosine of a set of the one source and a set of the other, with all noise
 * @param ceiling what {@code seen} would be of equal sources: the geometric mean of the cosines of
 *     two sets of one source; NaN where that is not above 0
 */
public record CosineEstimate(double cosine, double low, double high, double seen, double ceiling) {
  private static final double TAIL = 0.025;

  /** What the interval says of the sign. */
  public enum Direction {
    /** Below 0: a step for the one raises the loss of the other. */
    OPPOSED("opposed"),
    /** Above 0. */
    ALIGNED("aligned"),
    /** The interval holds 0, or there is none. */
    UNDECIDED("not decided");

    private final String text;

    Direction(String text) {
      this.text = text;
    }

    /** {@return the word for people} */
    public String text() {
      return text;
    }
  }

  /** {@return what the interval says of the sign} */
  public Direction direction() {
    return high < 0 ? Direction.OPPOSED : low > 0 ? Direction.ALIGNED : Direction.UNDECIDED;
  }

  /**
   * Estimates.
   *
   * @param products inner products of all sets with each other
   * @param sets of each source; those of source s are s * sets to s * sets + sets - 1
   * @param one number of a source, from 0
   * @param other number of another source
   * @return the estimate
   */
  public static CosineEstimate of(double[][] products, int sets, int one, int other) {
    Sets all = new Sets(products, sets, one * sets, other * sets, -1, -1);
    double cosine = all.cosine();
    double variance = 0;
    double[] without = new double[sets];
    for (boolean first : new boolean[] {true, false}) {
      double mean = 0;
      for (int r = 0; r < sets; r++) {
        without[r] =
            new Sets(products, sets, one * sets, other * sets, first ? r : -1, first ? -1 : r)
                .cosine();
        mean += without[r] / sets;
      }
      for (double each : without) {
        variance += (each - mean) * (each - mean) * (sets - 1) / sets;
      }
    }
    double half = TDistribution.of(sets - 1).inverseSurvivalProbability(TAIL) * Math.sqrt(variance);
    boolean known = Double.isFinite(half);
    return new CosineEstimate(
        cosine,
        known ? cosine - half : Double.NaN,
        known ? cosine + half : Double.NaN,
        all.seen(),
        Math.sqrt(all.agreement(one * sets) * all.agreement(other * sets)));
  }

  /** Sets of two sources, one of each of which may be left out. */
  private record Sets(
      double[][] products, int count, int one, int other, int withoutOne, int withoutOther) {
    double cosine() {
      double lengths = own(one, withoutOne) * own(other, withoutOther);
      boolean known = own(one, withoutOne) > 0 && own(other, withoutOther) > 0;
      return known ? between((i, j) -> products[i][j]) / Math.sqrt(lengths) : Double.NaN;
    }

    double seen() {
      return between(this::cosine);
    }

    private double cosine(int i, int j) {
      return products[i][j] / Math.sqrt(products[i][i] * products[j][j]);
    }

    private double between(Pair value) {
      double sum = 0;
      int pairs = 0;
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
          if (i != withoutOne && j != withoutOther) {
            sum += value.of(one + i, other + j);
            pairs++;
          }
        }
      }
      return sum / pairs;
    }

    /** Square of the source's own gradient's length. */
    private double own(int first, int without) {
      return within(first, without, (i, j) -> products[i][j]);
    }

    /** Mean cosine of two sets of a source. */
    double agreement(int first) {
      return Math.max(0, within(first, -1, this::cosine));
    }

    private double within(int first, int without, Pair value) {
      double sum = 0;
      int pairs = 0;
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < i; j++) {
          if (i != without && j != without) {
            sum += value.of(first + i, first + j);
            pairs++;
          }
        }
      }
      return sum / pairs;
    }
  }

  private interface Pair {
    double of(int i, int j);
  }
}
