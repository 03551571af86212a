package ai.dmt.evaluators.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassAtKTest {
  @ParameterizedTest
  @CsvSource({
    "10, 3, 1, 0.3",
    "10, 3, 5, 0.9166666667",
    "200, 7, 10, 0.3055988116",
    "200, 7, 100, 0.9929911172",
    "20, 20, 20, 1"
  })
  void goldenValues(int n, int c, int k, double expected) {
    assertEquals(expected, PassAtK.estimate(n, c, k), 6e-11, "as many digits as are published");
    assertEquals(binomialForm(n, c, k), PassAtK.estimate(n, c, k), 1e-12);
  }

  @Property(tries = 300)
  void isTheBinomialForm(
      @ForAll @IntRange(min = 1, max = 300) int n,
      @ForAll @IntRange(max = 300) int right,
      @ForAll @IntRange(max = 300) int drawn) {
    int c = right % (n + 1);
    int k = 1 + drawn % n;
    assertEquals(binomialForm(n, c, k), PassAtK.estimate(n, c, k), 1e-12);
  }

  /** 1 - C(n - c, k) / C(n, k) in whole numbers. */
  private static double binomialForm(int n, int c, int k) {
    BigDecimal none =
        new BigDecimal(binomial(n - c, k))
            .divide(new BigDecimal(binomial(n, k)), MathContext.DECIMAL128);
    return BigDecimal.ONE.subtract(none).doubleValue();
  }

  @Test
  void impossibleCountsAreRefused() {
    for (int[] counts : new int[][] {{5, 1, 6}, {5, 6, 1}, {5, 1, 0}, {5, -1, 1}}) {
      assertThrows(
          IllegalArgumentException.class, () -> PassAtK.estimate(counts[0], counts[1], counts[2]));
    }
  }

  private static BigInteger binomial(int n, int k) {
    if (k > n) {
      return BigInteger.ZERO;
    }
    BigInteger value = BigInteger.ONE;
    for (int i = 1; i <= k; i++) {
      value = value.multiply(BigInteger.valueOf(n - k + i)).divide(BigInteger.valueOf(i));
    }
    return value;
  }
}
