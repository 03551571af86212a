package ai.dmt.study;

import ai.dmt.evaluators.statistics.Effect;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * From which amount of other data on an ability is harmed by more than a margin. Harm is taken not
 * to shrink as more is added, which makes one interval of two sequences of tests: from the smallest
 * amount up as long as harm is ruled out, and from the largest down as long as it is shown, each
 * test at half of 5 %. The true amount is above the first end and at or below the second in 95 of
 * 100 studies, without any correction for the number of amounts.
 *
 * @param amounts of other data, above 0 and rising
 * @param effects of each amount against none of it, more is better
 * @param margin of harm that counts as little, on the effects' scale
 * @param leastSeeds fewer give an estimate, not a verdict
 */
record Interference(List<Double> amounts, List<Effect> effects, double margin, int leastSeeds) {
  private static final double TAIL = 0.025;

  /** Copies the lists. */
  Interference {
    amounts = List.copyOf(amounts);
    effects = List.copyOf(effects);
    if (amounts.size() != effects.size() || amounts.isEmpty()) {
      throw new IllegalArgumentException(
          "%s effects of %s amounts".formatted(effects.size(), amounts.size()));
    }
  }

  /** What the grid says. */
  enum Verdict {
    /** Harm was shown, at the largest amount at least. */
    FOUND("interferes"),
    /** More harm than the margin was ruled out at each amount. */
    NONE("none in the grid"),
    UNDECIDED("not decided"),
    /** Too few seeds. */
    ESTIMATE("estimate only");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  Verdict verdict() {
    if (effects.stream().anyMatch(effect -> effect.seeds() < leastSeeds)) {
      return Verdict.ESTIMATE;
    }
    if (from().isPresent()) {
      return Verdict.FOUND;
    }
    int last = amounts.size() - 1;
    return above().orElse(-1) == last ? Verdict.NONE : Verdict.UNDECIDED;
  }

  /** Index of the largest amount up to which harm is ruled out; empty where not even the first. */
  OptionalInt above() {
    int ruledOut = 0;
    while (ruledOut < effects.size() && isRuledOut(effects.get(ruledOut))) {
      ruledOut++;
    }
    return ruledOut == 0 ? OptionalInt.empty() : OptionalInt.of(ruledOut - 1);
  }

  /** Index of the smallest amount from which on harm is shown; empty where not even at the last. */
  OptionalInt from() {
    int shown = effects.size();
    while (shown > 0 && effects.get(shown - 1).below(-margin) <= TAIL) {
      shown--;
    }
    return shown == effects.size() ? OptionalInt.empty() : OptionalInt.of(shown);
  }

  /** At its end a measure is a bound: it can hide harm. */
  private boolean isRuledOut(Effect effect) {
    return !effect.atEnd() && effect.above(-margin) <= TAIL;
  }

  /**
   * Where the effects, made falling, cross the margin: between two amounts in proportion on their
   * logarithms. The smallest amount stands for all below it.
   *
   * @return empty where they do not cross it
   */
  OptionalDouble estimate() {
    double[] falling = falling();
    for (int i = 0; i < falling.length; i++) {
      if (falling[i] <= -margin) {
        if (i == 0) {
          return OptionalDouble.of(amounts.get(0));
        }
        double part = (falling[i - 1] + margin) / (falling[i - 1] - falling[i]);
        double before = Math.log(amounts.get(i - 1));
        double here = Math.log(amounts.get(i));
        return OptionalDouble.of(Math.exp(before + part * (here - before)));
      }
    }
    return OptionalDouble.empty();
  }

  /** The nearest effects that never rise, by least squares: neighbours that do are averaged. */
  private double[] falling() {
    int n = effects.size();
    double[] means = new double[n];
    int[] sizes = new int[n];
    int pools = 0;
    for (Effect effect : effects) {
      means[pools] = effect.estimate();
      sizes[pools++] = 1;
      while (pools > 1 && means[pools - 1] > means[pools - 2]) {
        pools--;
        int both = sizes[pools - 1] + sizes[pools];
        means[pools - 1] =
            (means[pools - 1] * sizes[pools - 1] + means[pools] * sizes[pools]) / both;
        sizes[pools - 1] = both;
      }
    }
    int used = pools;
    return IntStream.range(0, used)
        .boxed()
        .flatMapToDouble(p -> IntStream.range(0, sizes[p]).mapToDouble(i -> means[p]))
        .toArray();
  }
}
