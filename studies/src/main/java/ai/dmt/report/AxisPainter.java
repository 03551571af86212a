package ai.dmt.report;

import ai.dmt.report.Drawing.Scale;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;

/** Axes of figures as JFreeChart draws them: the range and the ticks of a {@link Drawing}. */
final class AxisPainter {
  private AxisPainter() {}

  static ValueAxis of(Scale scale, Theme theme) {
    ValueAxis axis = scale.log() ? new Ratios(scale) : new Steps(scale);
    axis.setRange(scale.low(), scale.high());
    axis.setLabelFont(font(13));
    axis.setTickLabelFont(font(12));
    axis.setLabelPaint(theme.text());
    axis.setTickLabelPaint(theme.text());
    axis.setAxisLinePaint(theme.grid());
    axis.setTickMarkPaint(theme.grid());
    axis.setLabelInsets(new RectangleInsets(2, 2, 2, 2));
    return axis;
  }

  static Font font(int size) {
    return new Font(Font.SANS_SERIF, Font.PLAIN, size);
  }

  /** As text: an axis of logarithms would draw its own labels as outlines. */
  private static List<NumberTick> ticks(Scale scale, RectangleEdge edge) {
    TextAnchor anchor =
        RectangleEdge.isTopOrBottom(edge) ? TextAnchor.TOP_CENTER : TextAnchor.CENTER_RIGHT;
    return scale.ticks().stream()
        .map(tick -> new NumberTick(tick.at(), tick.label(), anchor, TextAnchor.CENTER, 0))
        .toList();
  }

  private static final class Steps extends NumberAxis {
    private static final long serialVersionUID = 1;

    private final transient Scale scale;

    Steps(Scale scale) {
      super(scale.label());
      this.scale = scale;
    }

    @Override
    public List<NumberTick> refreshTicks(
        Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
      return ticks(scale, edge);
    }
  }

  private static final class Ratios extends LogAxis {
    private static final long serialVersionUID = 1;

    private final transient Scale scale;

    Ratios(Scale scale) {
      super(scale.label());
      this.scale = scale;
    }

    @Override
    public List<NumberTick> refreshTicks(
        Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
      return ticks(scale, edge);
    }
  }
}
