package ai.dmt.report;

import java.util.List;

/**
 * A figure's axis.
 *
 * @param label with the unit
 * @param scale how places are laid out
 * @param categories names of the places 0, 1, 2, ...; empty but for {@link Scale#CATEGORIES}
 * @param zero where a logarithmic axis shows 0, which has no place of its own; NaN for nowhere
 * @param least that can be measured, on an axis of equal steps; NaN where there is no bound
 * @param most that can be measured; NaN where there is no bound
 */
public record Axis(
    String label, Scale scale, List<String> categories, double zero, double least, double most) {
  /** Ratio of neighbouring ticks of shares. */
  static final double FRACTION_STEP = 4;

  /** How places are laid out. */
  public enum Scale {
    /** Equal steps. */
    LINEAR,
    /** Equal steps; ticks at whole numbers alone. */
    WHOLE,
    /** Equal ratios; ticks at powers of ten. */
    LOG,
    /** Equal ratios; ticks at powers of 1/4, as the paper's shares 1, 1/4, ..., 1/256. */
    FRACTION,
    /** One place per name. */
    CATEGORIES
  }

  /**
   * Copies the names.
   *
   * @param label with the unit
   * @param scale how places are laid out
   * @param categories names of the places 0, 1, 2, ...; empty but for {@link Scale#CATEGORIES}
   * @param zero where a logarithmic axis shows 0, which has no place of its own; NaN for nowhere
   * @param least that can be measured, on an axis of equal steps; NaN where there is no bound
   * @param most that can be measured; NaN where there is no bound
   */
  public Axis {
    categories = List.copyOf(categories);
    if (categories.isEmpty() == (scale == Scale.CATEGORIES)) {
      throw new IllegalArgumentException(
          "axis \"%s\": a %s axis with the categories %s".formatted(label, scale, categories));
    }
  }

  private static Axis of(String label, Scale scale, List<String> categories, double zero) {
    return new Axis(label, scale, categories, zero, Double.NaN, Double.NaN);
  }

  /**
   * {@return an axis of equal steps of a measure that has ends, such as a share}
   *
   * @param label with the unit
   * @param least that can be measured; NaN where there is no bound
   * @param most that can be measured; NaN where there is no bound
   */
  public static Axis bounded(String label, double least, double most) {
    return new Axis(label, Scale.LINEAR, List.of(), Double.NaN, least, most);
  }

  /**
   * {@return an axis of equal steps}
   *
   * @param label with the unit
   */
  public static Axis linear(String label) {
    return of(label, Scale.LINEAR, List.of(), Double.NaN);
  }

  /**
   * {@return an axis of equal steps of a count, such as layers}
   *
   * @param label with the unit
   */
  public static Axis whole(String label) {
    return of(label, Scale.WHOLE, List.of(), Double.NaN);
  }

  /**
   * {@return an axis of equal ratios}
   *
   * @param label with the unit
   */
  public static Axis log(String label) {
    return of(label, Scale.LOG, List.of(), Double.NaN);
  }

  /**
   * {@return an axis of shares of a source}
   *
   * @param label of the shares
   */
  public static Axis fraction(String label) {
    return of(label, Scale.FRACTION, List.of(), Double.NaN);
  }

  /**
   * {@return an axis of shares of a source, with 0 at a place of its own one step left of the
   * smallest}
   *
   * @param label of the shares
   * @param smallest of the shares but 0; above 0
   */
  public static Axis fractionWithZero(String label, double smallest) {
    double steps = Math.floor(Math.log(smallest) / Math.log(FRACTION_STEP));
    return of(label, Scale.FRACTION, List.of(), Math.pow(FRACTION_STEP, steps - 1));
  }

  /**
   * {@return an axis with one place per name}
   *
   * @param label of the names
   * @param names of the places 0, 1, 2, ...; at least one
   */
  public static Axis categories(String label, List<String> names) {
    return of(label, Scale.CATEGORIES, names, Double.NaN);
  }

  /** Whether a value is the 0 that has a place of its own. */
  boolean isZero(double value) {
    return value == 0 && !Double.isNaN(zero);
  }

  /** Where a value is drawn. */
  double place(double value) {
    return isZero(value) ? zero : value;
  }

  /** A value as the data table writes it. */
  String text(double place) {
    return switch (scale) {
      case CATEGORIES -> categories.get((int) place);
      case FRACTION -> Share.text(place);
      case LINEAR, WHOLE, LOG -> Numbers.text(place);
    };
  }
}
