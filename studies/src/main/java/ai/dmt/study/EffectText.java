package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.internal.text.Units;
import ai.dmt.study.Claim.Tested;

/** Effects as people read them: ratios of losses, ratios of odds. */
final class EffectText {
  static final String NONE = "-";

  private EffectText() {}

  /** Such as "loss × 0.12": that of the first group over that of the second. */
  static String of(Tested test) {
    return word(test.metric()) + " × " + ratio(value(test.metric(), test.effect().estimate()));
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

  /** The least effect that would have been found, such as "× 1.4 or ÷ 1.4". */
  static String detectable(Tested test, double level) {
    double least = test.effect().detectable(level);
    if (Double.isNaN(least) || test.isBlind()) {
      return NONE;
    }
    String factor = ratio(Math.exp(least));
    return test.expected().hasMargin() ? "margin of × " + factor : "× " + factor;
  }

  static String margin(Tested test) {
    return test.expected().hasMargin()
        ? " (to a factor of %s)".formatted(ratio(Math.exp(test.margin())))
        : "";
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
            : value >= 10 ? "%.1f" : value < 0.1 ? "%.3f" : "%.2f",
        value);
  }

  /** A p-value. */
  static String probability(double value) {
    return Double.isNaN(value) ? NONE : value < 0.001 ? "< 0.001" : Units.format("%.3f", value);
  }
}
