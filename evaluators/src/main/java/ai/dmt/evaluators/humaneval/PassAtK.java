package ai.dmt.evaluators.humaneval;

/** The unbiased estimate of how often one of k samples passes (HumanEval's paper, section 2.1). */
public final class PassAtK {
  private PassAtK() {}

  /**
   * 1 - C(n - c, k) / C(n, k), as a product that neither overflows nor cancels.
   *
   * @param n samples, at least k
   * @param c how many of them passed
   * @param k at least 1
   */
  public static double estimate(int n, int c, int k) {
    if (k < 1 || n < k || c < 0 || c > n) {
      throw new IllegalArgumentException(
          "pass@k needs 1 <= k <= n and 0 <= c <= n, got n=%d, c=%d, k=%d".formatted(n, c, k));
    }
    double noneOfThem = 1;
    for (int i = n - c + 1; i <= n; i++) {
      noneOfThem *= Math.max(0, 1 - (double) k / i);
    }
    return 1 - noneOfThem;
  }
}
