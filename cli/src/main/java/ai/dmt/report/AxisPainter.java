package ai.dmt.report;

import java.awt.Font;
import java.text.DecimalFormat;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.ui.RectangleInsets;

/** Axes of figures as JFreeChart draws them. */
final class AxisPainter {
  private AxisPainter() {}

  static ValueAxis of(Axis axis, Theme theme) {
    ValueAxis made =
        switch (axis.scale()) {
          case LINEAR -> linear(axis);
          case LOG -> logarithmic(axis);
          case FRACTION -> fractions(axis);
          case CATEGORIES -> categories(axis);
        };
    made.setLabelFont(font(12));
    made.setTickLabelFont(font(11));
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

  private static ValueAxis linear(Axis axis) {
    NumberAxis linear = new NumberAxis(axis.label());
    linear.setAutoRangeIncludesZero(false);
    return linear;
  }

  private static ValueAxis logarithmic(Axis axis) {
    LogAxis log = new LogAxis(axis.label());
    log.setNumberFormatOverride(new DecimalFormat("#,##0.###"));
    return log;
  }

  private static ValueAxis fractions(Axis axis) {
    LogAxis shares = new LogAxis(axis.label());
    shares.setBase(Axis.FRACTION_STEP);
    shares.setTickUnit(new NumberTickUnit(1));
    shares.setNumberFormatOverride(new FractionFormat(axis.zero()));
    return shares;
  }

  private static ValueAxis categories(Axis axis) {
    SymbolAxis names = new SymbolAxis(axis.label(), axis.categories().toArray(new String[0]));
    names.setGridBandsVisible(false);
    names.setRange(-0.5, axis.categories().size() - 0.5);
    return names;
  }

  /** Ticks as shares. */
  private static final class FractionFormat extends NumberFormat {
    private static final long serialVersionUID = 1;

    private final double zero; // NaN where 0 has no place

    FractionFormat(double zero) {
      this.zero = zero;
    }

    @Override
    public StringBuffer format(double share, StringBuffer out, FieldPosition position) {
      return out.append(share <= zero * 1.01 ? "0" : Share.text(share));
    }

    @Override
    public StringBuffer format(long share, StringBuffer out, FieldPosition position) {
      return format((double) share, out, position);
    }

    @Override
    public Number parse(String text, ParsePosition position) {
      throw new UnsupportedOperationException("ticks are only written");
    }
  }
}
