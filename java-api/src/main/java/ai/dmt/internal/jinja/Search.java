package ai.dmt.internal.jinja;

/** Finds texts in texts, in a time that grows no faster than their lengths. */
final class Search {
  /** Up to this product of lengths the plain search is fast enough. */
  private static final long PLAIN = 1 << 20;

  private Search() {}

  /** Index of the first place from an index on, or -1. */
  static int find(Run run, String text, String part, int from) {
    long length = (long) text.length() - from;
    run.step(Math.max(0, length) / 16 + 1);
    if (part.length() < 16 || length * part.length() <= PLAIN) {
      return text.indexOf(part, from);
    }
    run.step(length + part.length());
    return knuthMorrisPratt(text, part, from);
  }

  private static int knuthMorrisPratt(String text, String part, int from) {
    int[] border = new int[part.length()];
    for (int i = 1, k = 0; i < part.length(); i++) {
      while (k > 0 && part.charAt(i) != part.charAt(k)) {
        k = border[k - 1];
      }
      k += part.charAt(i) == part.charAt(k) ? 1 : 0;
      border[i] = k;
    }
    for (int i = from, k = 0; i < text.length(); i++) {
      while (k > 0 && text.charAt(i) != part.charAt(k)) {
        k = border[k - 1];
      }
      k += text.charAt(i) == part.charAt(k) ? 1 : 0;
      if (k == part.length()) {
        return i - k + 1;
      }
    }
    return -1;
  }

  /** Index of the last place that ends before an index, or -1. */
  static int findLast(Run run, String text, String part, int to) {
    long length = to;
    run.step(length / 16 + 1);
    if (part.length() < 16 || length * part.length() <= PLAIN) {
      return text.lastIndexOf(part, to - part.length());
    }
    run.step(length + part.length());
    int found =
        knuthMorrisPratt(
            new StringBuilder(text.substring(0, to)).reverse().toString(),
            new StringBuilder(part).reverse().toString(),
            0);
    return found < 0 ? -1 : to - found - part.length();
  }
}
