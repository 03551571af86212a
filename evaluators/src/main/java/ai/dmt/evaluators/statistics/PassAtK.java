package ai.dmt.evaluators.statistics;

/** The unbiased estimate of how often at least one of k samples is right (HumanEval's paper). */
public final class PassAtK {
  private PassAtK() {}

  /**
   * {@return the estimate 1 - C(n - c, k) / C(n, k), in [0, 1], as a product that cannot overflow}
   *
   * @param n samples, at least k
   * @param c those of them that are right
   * @param k from 1
   * @throws IllegalArgumentException unless {@code 1 <= k <= n} and {@code 0 <= c <= n}
   */
  public static double estimate(int n, int c, int k) {
    if (k < 1 || n < k || c < 0 || c > n) {
      throw new IllegalArgumentException(
          "pass@k needs 1 <= k <= n and 0 <= c <= n, got n=%s, c=%s, k=%s".formatted(n, c, k));
    }
    if (n - c < k) {
      return 1;
    }
    double none = 1;
    for (int i = n - c + 1; i <= n; i++) {
      none *= 1 - (double) k / i;
    }
    return 1 - none;
  }
}
