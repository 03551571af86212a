package ai.dmt.conflict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.conflict.CosineEstimate.Direction;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Gradients that were made up: a source's own, and noise that is several times as long. */
class CosineEstimateTest {
  private static final int SETS = 4;
  private static final int DIMENSIONS = 400;
  private static final int STUDIES = 1_000;

  /** Products of the sets of two sources whose own gradients have length 1 and a cosine. */
  private static double[][] products(double cosine, double noise, long study) {
    SplittableRandom random = new SplittableRandom(study);
    double[][] gradients = new double[2 * SETS][DIMENSIONS];
    for (int set = 0; set < gradients.length; set++) {
      for (int i = 0; i < DIMENSIONS; i++) {
        gradients[set][i] = noise / Math.sqrt(DIMENSIONS) * random.nextGaussian();
      }
      gradients[set][0] += set < SETS ? 1 : cosine;
      gradients[set][1] += set < SETS ? 0 : Math.sqrt(1 - cosine * cosine);
    }
    double[][] products = new double[2 * SETS][2 * SETS];
    for (int one = 0; one < products.length; one++) {
      for (int other = 0; other < products.length; other++) {
        for (int i = 0; i < DIMENSIONS; i++) {
          products[one][other] += gradients[one][i] * gradients[other][i];
        }
      }
    }
    return products;
  }

  private static CosineEstimate estimate(double cosine, double noise, long study) {
    return CosineEstimate.of(products(cosine, noise, study), SETS, 0, 1);
  }

  private static double share(double cosine, double noise, Direction direction) {
    int count = 0;
    for (int study = 0; study < STUDIES; study++) {
      count += estimate(cosine, noise, study).direction() == direction ? 1 : 0;
    }
    return (double) count / STUDIES;
  }

  /** By hand: two sets of each source would be products of 2, of 1 between the sources. */
  @Test
  void noiseIsNoPartOfTheCosine() {
    double[][] products = {
      {5, 2, 2, 1, 1, 1}, {2, 5, 2, 1, 1, 1}, {2, 2, 5, 1, 1, 1},
      {1, 1, 1, 5, 2, 2}, {1, 1, 1, 2, 5, 2}, {1, 1, 1, 2, 2, 5}
    };
    CosineEstimate cosine = CosineEstimate.of(products, 3, 0, 1);
    assertEquals(0.5, cosine.cosine(), 1e-12);
    assertEquals(0.2, cosine.seen(), 1e-12);
    assertEquals(0.4, cosine.ceiling(), 1e-12);
  }

  @Test
  void estimatesAreRightOnAverageWhereWhatIsSeenIsNot() {
    for (double truth : new double[] {-0.6, 0, 0.3, 0.9}) {
      double mean = 0;
      double seen = 0;
      int holds = 0;
      for (int study = 0; study < STUDIES; study++) {
        CosineEstimate one = estimate(truth, 2, study);
        mean += one.cosine() / STUDIES;
        seen += one.seen() / STUDIES;
        holds += one.low() <= truth && truth <= one.high() ? 1 : 0;
      }
      assertEquals(truth, mean, 0.02, "mean of estimates");
      assertEquals(truth / 5, seen, 0.02, "a set's gradient is 5 times as long, squared");
      assertTrue(holds >= 0.94 * STUDIES, truth + ": " + holds + " intervals hold it");
    }
  }

  @Test
  void plantedConflictsAreFoundAndNoneWhereGradientsAreUnrelated() {
    assertTrue(share(-0.7, 1.5, Direction.OPPOSED) >= 0.95, "opposed");
    assertTrue(share(0.7, 1.5, Direction.ALIGNED) >= 0.95, "aligned");
    assertTrue(share(0, 1.5, Direction.OPPOSED) <= 0.035, "unrelated, but opposed");
    assertTrue(share(0, 1.5, Direction.ALIGNED) <= 0.035, "unrelated, but aligned");
  }

  @Test
  void aGradientThatIsNoiseAloneHasNoDirection() {
    int known = 0;
    for (int study = 0; study < STUDIES; study++) {
      known += estimate(0.5, 60, study).direction() != Direction.UNDECIDED ? 1 : 0;
    }
    assertTrue(known <= 0.06 * STUDIES, known + " directions of noise");
  }
}
