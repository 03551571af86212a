package ai.dmt.evaluators.humaneval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
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
    "20, 20, 20, 1",
    "1, 0, 1, 0",
    "1, 1, 1, 1",
    "5, 3, 3, 1",
  })
  void goldenValues(int n, int c, int k, double expected) {
    assertEquals(expected, PassAtK.estimate(n, c, k), 6e-11, "as many digits as are given");
    assertEquals(exact(n, c, k), PassAtK.estimate(n, c, k), 1e-12);
  }

  @Test
  void agreesWithTheBinomialForm() {
    for (int n : new int[] {1, 2, 7, 64, 200}) {
      for (int c = 0; c <= n; c++) {
        for (int k = 1; k <= n; k += Math.max(1, n / 20)) {
          assertEquals(exact(n, c, k), PassAtK.estimate(n, c, k), 1e-12);
        }
      }
    }
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(5, 1, 6));
    assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(5, 6, 1));
    assertThrows(IllegalArgumentException.class, () -> PassAtK.estimate(5, 1, 0));
  }

  /** 1 - C(n - c, k) / C(n, k) in whole numbers. */
  private static double exact(int n, int c, int k) {
    BigDecimal none = new BigDecimal(binomial(n - c, k));
    BigDecimal all = new BigDecimal(binomial(n, k));
    return BigDecimal.ONE.subtract(none.divide(all, MathContext.DECIMAL128)).doubleValue();
  }

  private static BigInteger binomial(int n, int k) {
    BigInteger result = BigInteger.ONE;
    for (int i = 0; i < k; i++) {
      result = result.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1L));
    }
    return n < k ? BigInteger.ZERO : result;
  }
}
