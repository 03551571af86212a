package ai.dmt.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** What of an axis is in sight, and which of its places have names. */
final class Ticks {
  private static final double MARGIN = 0.05; // of the range
  private static final double BEYOND = 0.02; // of the range, past a bound: a mark is whole there
  private static final double APART = 0.1; // of the range, at least, between ticks
  private static final int MOST_PLACES = 7; // of data that have ticks of their own
  private static final int FEWEST = 3; // ticks that are enough to read by
  private static final int USUAL = 5; // steps of an axis
  private static final double TINY = 1e-9;

  private Ticks() {}

  /** An axis around some values. */
  static Drawing.Scale scale(Axis axis, List<Double> values) {
    if (axis.scale() == Axis.Scale.CATEGORIES) {
      List<Drawing.Tick> names = new ArrayList<>();
      for (int i = 0; i < axis.categories().size(); i++) {
        names.add(new Drawing.Tick(i, axis.categories().get(i)));
      }
      return new Drawing.Scale(axis.label(), false, -0.5, names.size() - 0.5, names);
    }
    double least = values.stream().mapToDouble(value -> value).min().orElseThrow();
    double most = values.stream().mapToDouble(value -> value).max().orElseThrow();
    boolean log = axis.scale() == Axis.Scale.LOG || axis.scale() == Axis.Scale.FRACTION;
    if (log && least > 0) {
      double margin = Math.max(MARGIN * Math.log(most / least), most > least ? 0 : Math.log(2));
      double low = least * Math.exp(-margin);
      double high = most * Math.exp(margin);
      return new Drawing.Scale(axis.label(), true, low, high, ratios(axis, values, low, high));
    }
    double margin = most > least ? MARGIN * (most - least) : margin(axis, most);
    double beyond = BEYOND * (most - least + 2 * margin);
    double low = bounded(axis.least(), least - margin, beyond, 1);
    double high = bounded(axis.most(), most + margin, beyond, -1);
    return new Drawing.Scale(axis.label(), false, low, high, steps(axis, low, high));
  }

  /** Around a single value. */
  private static double margin(Axis axis, double value) {
    double range = axis.most() - axis.least();
    return Double.isFinite(range) ? 0.1 * range : value == 0 ? 1 : 0.1 * Math.abs(value);
  }

  /** An end of what is in sight, hardly past a bound of the axis. */
  private static double bounded(double bound, double end, double beyond, int sign) {
    return Double.isFinite(bound) && sign * (end - bound) < 0 ? bound - sign * beyond : end;
  }

  /** Places of the data first, then powers, as long as their names have room. */
  private static List<Drawing.Tick> ratios(
      Axis axis, List<Double> values, double low, double high) {
    TreeSet<Double> places = new TreeSet<>(values);
    List<Double> wanted = new ArrayList<>();
    if (places.size() <= MOST_PLACES) {
      wanted.addAll(places);
    }
    double base = axis.scale() == Axis.Scale.FRACTION ? Axis.FRACTION_STEP : 10;
    List<Double> chosen = new ArrayList<>();
    add(chosen, wanted, low, high);
    boolean enough = base == 10 && chosen.size() >= FEWEST;
    if (!enough) {
      add(chosen, powers(base, 1, low, high), low, high);
    }
    for (int factor : List.of(2, 5, 3)) {
      if (base == 10 && !enough && chosen.size() < USUAL) {
        add(chosen, powers(base, factor, low, high), low, high);
      }
    }
    Collections.sort(chosen);
    return chosen.stream()
        .map(at -> new Drawing.Tick(at, at == axis.zero() ? "0" : name(axis, at)))
        .toList();
  }

  private static String name(Axis axis, double place) {
    return axis.scale() == Axis.Scale.FRACTION ? Share.text(place) : Numbers.brief(place);
  }

  private static List<Double> powers(double base, int factor, double low, double high) {
    List<Double> powers = new ArrayList<>();
    int first = (int) Math.ceil(Math.log(low / factor) / Math.log(base) - TINY);
    for (int power = first; factor * Math.pow(base, power) <= high * (1 + TINY); power++) {
      powers.add(factor * Math.pow(base, power));
    }
    return powers;
  }

  private static void add(List<Double> chosen, List<Double> wanted, double low, double high) {
    double apart = APART * Math.log(high / low);
    wanted.stream()
        .sorted(Comparator.reverseOrder()) // where all have no room, the whole is named
        .filter(
            place -> chosen.stream().allMatch(other -> Math.abs(Math.log(place / other)) >= apart))
        .forEach(chosen::add);
  }

  /** Equal steps of 1, 2 or 5 times a power of ten, within the axis's bounds. */
  private static List<Drawing.Tick> steps(Axis axis, double low, double high) {
    BigDecimal step = step((high - low) / USUAL);
    if (axis.scale() == Axis.Scale.WHOLE) {
      step = step.max(BigDecimal.ONE);
    }
    int decimals = Math.max(0, step.stripTrailingZeros().scale());
    List<Drawing.Tick> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step.doubleValue() - TINY);
    for (long i = first; i * step.doubleValue() <= high + TINY * (high - low); i++) {
      BigDecimal at = step.multiply(BigDecimal.valueOf(i));
      boolean inside =
          !(at.doubleValue() < axis.least() - TINY) && !(at.doubleValue() > axis.most() + TINY);
      if (inside) {
        ticks.add(
            new Drawing.Tick(
                at.doubleValue(), String.format(Locale.ROOT, "%,." + decimals + "f", at)));
      }
    }
    return ticks;
  }

  private static BigDecimal step(double about) {
    int power = (int) Math.floor(Math.log10(about));
    double part = about / Math.pow(10, power);
    int factor = part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10;
    return BigDecimal.valueOf(factor).scaleByPowerOfTen(power);
  }
}
