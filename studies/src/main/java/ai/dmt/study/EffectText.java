package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.internal.text.Units;
import ai.dmt.study.Claim.Tested;

/** Effects as people read them: ratios of losses, ratios of odds. */
final class EffectText {
  static final String NONE = "-";

  private static final int LEAST_SEEDS = 3; // of an interval: two say next to nothing

  private EffectText() {}

  /** Such as "loss × 0.12": that of the first group over that of the second. */
  static String of(Tested test) {
    return word(test.metric()) + " × " + ratio(value(test.metric(), test.effect().estimate()));
  }

  /** Such as "loss × 0.12 [0.08, 0.18]"; with too few seeds for an interval, how many there are. */
  static String withInterval(Tested test) {
    int seeds = test.effect().seeds();
    String interval = seeds < LEAST_SEEDS ? NONE : interval(test);
    String none = seeds == 1 ? " (1 seed)" : " (%s seeds)".formatted(seeds);
    return of(test) + (interval.equals(NONE) ? none : " " + interval);
  }

  /** What a claim expects, as a ratio like the effect, such as "loss below × 1". */
  static String expected(Tested test) {
    Metric metric = test.metric();
    boolean up = metric.sign() > 0; // more is better
    double bound = value(metric, -test.margin()); // harm of the margin
    double other = value(metric, test.margin());
    return word(metric)
        + switch (test.expected()) {
          case MORE -> up ? " above × 1" : " below × 1";
          case LESS -> up ? " below × 1" : " above × 1";
          case SAME ->
              " × %s to %s".formatted(ratio(Math.min(bound, other)), ratio(Math.max(bound, other)));
          case NOT_LESS -> (up ? " above × " : " below × ") + ratio(bound);
        };
  }

  /** The interval of the same ratio. */
  static String interval(Tested test) {
    return test.effect().interval().map(found -> text(test.metric(), found)).orElse(NONE);
  }

  private static String text(Metric metric, Interval interval) {
    double one = value(metric, interval.low());
    double other = value(metric, interval.high());
    return "[%s, %s]".formatted(ratio(Math.min(one, other)), ratio(Math.max(one, other)));
  }

  /** The least effect that would have been found, as a ratio like the effect. */
  static String detectable(Tested test, double level) {
    double least = test.effect().detectable(level);
    if (Double.isNaN(least) || test.isBlind()) {
      return NONE;
    }
    return test.expected().hasMargin()
        ? "margin of × " + ratio(Math.exp(least))
        : "× "
            + ratio(value(test.metric(), test.expected() == Claim.Expected.MORE ? least : -least));
  }

  private static String word(Metric metric) {
    return metric.isLoss() ? "loss" : "odds";
  }

  private static double value(Metric metric, double gain) {
    return Math.exp(metric.sign() * gain);
  }

  private static String ratio(double value) {
    return Units.format(
        value >= 1e4 || value < 1e-3
            ? "%.1e"
            : value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value < 0.1 ? "%.3f" : "%.2f",
        value);
  }

  /** A p-value, so that those on either side of a level do not look the same. */
  static String probability(double value) {
    return Double.isNaN(value)
        ? NONE
        : value < 0.001 ? "< 0.001" : Units.format(value < 0.1 ? "%.4f" : "%.3f", value);
  }
}
