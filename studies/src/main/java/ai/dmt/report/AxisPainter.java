package ai.dmt.report;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;

/** Axes of figures as JFreeChart draws them. */
final class AxisPainter {
  /** Around a number, which keeps its neighbours away: every second line is enough to read by. */
  private static final RectangleInsets TICK_SPACE = new RectangleInsets(8, 4, 8, 4);

  private static final int FEWEST_TICKS = 3;

  private AxisPainter() {}

  static ValueAxis of(Axis axis, Theme theme) {
    ValueAxis made =
        switch (axis.scale()) {
          case LINEAR -> linear(axis);
          case WHOLE -> whole(axis);
          case LOG -> logarithmic(axis);
          case FRACTION -> fractions(axis);
          case CATEGORIES -> categories(axis);
        };
    made.setLabelFont(font(13));
    made.setTickLabelFont(font(12));
    made.setLabelPaint(theme.text());
    made.setTickLabelPaint(theme.text());
    made.setAxisLinePaint(theme.grid());
    made.setTickMarkPaint(theme.grid());
    made.setLabelInsets(new RectangleInsets(2, 2, 2, 2));
    return made;
  }

  static Font font(int size) {
    return new Font(Font.SANS_SERIF, Font.PLAIN, size);
  }

  private static ValueAxis whole(Axis axis) {
    NumberAxis whole = linear(axis);
    whole.setStandardTickUnits(NumberAxis.createIntegerTickUnits(Locale.ROOT));
    return whole;
  }

  private static NumberAxis linear(Axis axis) {
    NumberAxis linear = new NumberAxis(axis.label());
    linear.setAutoRangeIncludesZero(false);
    linear.setStandardTickUnits(NumberAxis.createStandardTickUnits(Locale.ROOT));
    linear.setTickLabelInsets(TICK_SPACE);
    return linear;
  }

  private static ValueAxis logarithmic(Axis axis) {
    return new RatioAxis(axis, 10);
  }

  private static ValueAxis fractions(Axis axis) {
    return new RatioAxis(axis, Axis.FRACTION_STEP);
  }

  private static ValueAxis categories(Axis axis) {
    SymbolAxis names = new SymbolAxis(axis.label(), axis.categories().toArray(new String[0]));
    names.setGridBandsVisible(false);
    names.setRange(-0.5, axis.categories().size() - 0.5);
    return names;
  }

  /**
   * A tick for each power of its base, as text: a LogAxis would draw its labels as outlines. Where
   * fewer than three powers of ten are in sight, their 2- and 5-fold are ticks, too.
   */
  private static final class RatioAxis extends LogAxis {
    private static final long serialVersionUID = 1;

    private final transient Axis axis;

    RatioAxis(Axis axis, double base) {
      super(axis.label());
      this.axis = axis;
      setBase(base);
    }

    @Override
    protected List<NumberTick> refreshTicksHorizontal(
        Graphics2D graphics, Rectangle2D area, RectangleEdge edge) {
      List<Double> places = places(List.of(1));
      if (getBase() == 10 && places.size() < FEWEST_TICKS) {
        places = places(List.of(1, 2, 5));
      }
      List<NumberTick> ticks = new ArrayList<>();
      for (double place : places) {
        String label = place == axis.zero() ? "0" : axis.text(place);
        ticks.add(new NumberTick(place, label, TextAnchor.TOP_CENTER, TextAnchor.CENTER, 0));
      }
      return ticks;
    }

    /** Powers of the base, times factors, in the range. */
    private List<Double> places(List<Integer> factors) {
      List<Double> places = new ArrayList<>();
      double lowest = Math.floor(calculateLog(getRange().getLowerBound()));
      for (double power = lowest; power <= calculateLog(getRange().getUpperBound()); power++) {
        for (int factor : factors) {
          double place = factor * Math.pow(getBase(), power);
          if (getRange().contains(place)) {
            places.add(place);
          }
        }
      }
      return places;
    }
  }
}
