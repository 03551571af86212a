package ai.dmt.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.DecimalFormat;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.List;
import javax.imageio.ImageIO;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.AbstractXYItemRenderer;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;
import org.jfree.svg.SVGGraphics2D;
import org.jfree.svg.ViewBox;

/** Draws figures with JFreeChart: as SVG for the page and as PNG for papers. Needs no display. */
final class FigurePainter {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 400;
  private static final int PNG_SCALE = 3; // 2,160 pixels: 300 per inch over a page's width
  private static final double DODGE = 0.14;
  private static final List<Shape> MARKS =
      List.of(circle(), square(), triangle(1), diamond(), triangle(-1));

  private FigurePainter() {}

  /** The figure as an {@code <svg>} element that scales with its box. */
  static String svg(Figure figure, Theme theme) {
    SVGGraphics2D graphics = new SVGGraphics2D(WIDTH, HEIGHT);
    graphics.setDefsKeyPrefix(figure.id() + (theme == Theme.DARK ? "-dark" : "-light"));
    chart(figure, theme).draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
    ViewBox box = new ViewBox(0, 0, WIDTH, HEIGHT); // and no size: the page decides
    return graphics.getSVGElement(null, false, box, null, null);
  }

  /** The figure as a PNG on white. */
  static byte[] png(Figure figure) {
    BufferedImage image =
        new BufferedImage(WIDTH * PNG_SCALE, HEIGHT * PNG_SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.scale(PNG_SCALE, PNG_SCALE);
    chart(figure, Theme.PAPER).draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("figure " + figure.id() + " cannot be encoded", e);
    }
    return bytes.toByteArray();
  }

  private static JFreeChart chart(Figure figure, Theme theme) {
    XYPlot plot =
        new XYPlot(
            data(figure),
            axis(figure.x(), theme),
            axis(figure.y(), theme),
            renderer(figure, theme));
    plot.setBackgroundPaint(null);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinePaint(theme.grid());
    plot.setRangeGridlineStroke(new BasicStroke(1f));
    plot.setAxisOffset(new RectangleInsets(0, 0, 0, 0));
    JFreeChart chart = new JFreeChart(null, font(Font.BOLD, 14), plot, figure.series().size() > 1);
    chart.setBackgroundPaint(theme.background());
    chart.setAntiAlias(true);
    LegendTitle legend = chart.getLegend();
    if (legend != null) {
      legend.setPosition(RectangleEdge.TOP);
      legend.setItemFont(font(Font.PLAIN, 13));
      legend.setItemPaint(theme.text());
      legend.setBackgroundPaint(null);
      legend.setFrame(BlockBorder.NONE);
    }
    return chart;
  }

  private static XYIntervalSeriesCollection data(Figure figure) {
    XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
    int count = figure.series().size();
    for (int i = 0; i < count; i++) {
      double shift = dodges(figure) ? (i - (count - 1) / 2.0) * Math.min(DODGE, 0.7 / count) : 0;
      XYIntervalSeries series = new XYIntervalSeries(figure.series().get(i).name(), false, true);
      for (Point point : figure.series().get(i).points()) {
        double x = point.x() + shift;
        series.add(x, x, x, point.y(), point.low(), point.high());
      }
      data.addSeries(series);
    }
    return data;
  }

  /** Dots of one category stand side by side, so that their bars can be told apart. */
  private static boolean dodges(Figure figure) {
    return figure.style() == Figure.Style.DOTS && figure.x().scale() == Axis.Scale.CATEGORIES;
  }

  private static AbstractXYItemRenderer renderer(Figure figure, Theme theme) {
    AbstractXYItemRenderer renderer;
    if (figure.style() == Figure.Style.LINES) {
      DeviationRenderer bands = new DeviationRenderer(true, true);
      bands.setAlpha(0.18f);
      renderer = bands;
    } else {
      XYErrorRenderer bars = new XYErrorRenderer();
      bars.setDrawXError(false);
      bars.setCapLength(4);
      renderer = bars;
    }
    boolean crowded = figure.series().stream().anyMatch(series -> series.points().size() > 60);
    for (int i = 0; i < figure.series().size(); i++) {
      Color color = theme.of(i);
      renderer.setSeriesPaint(i, color);
      renderer.setSeriesFillPaint(i, color);
      renderer.setSeriesStroke(i, new BasicStroke(2f));
      renderer.setSeriesShape(i, MARKS.get(i % MARKS.size()));
      if (crowded && renderer instanceof DeviationRenderer lines) {
        lines.setSeriesShapesVisible(i, false);
      }
    }
    return renderer;
  }

  private static ValueAxis axis(Axis axis, Theme theme) {
    ValueAxis made =
        switch (axis.scale()) {
          case LINEAR -> {
            NumberAxis linear = new NumberAxis(axis.label());
            linear.setAutoRangeIncludesZero(false);
            yield linear;
          }
          case LOG -> {
            LogAxis log = new LogAxis(axis.label());
            log.setNumberFormatOverride(new DecimalFormat("#,##0.###"));
            yield log;
          }
          case FRACTION -> {
            LogAxis shares = new LogAxis(axis.label());
            shares.setBase(4);
            shares.setTickUnit(new NumberTickUnit(1));
            shares.setNumberFormatOverride(new FractionFormat());
            yield shares;
          }
          case CATEGORIES -> {
            SymbolAxis names =
                new SymbolAxis(axis.label(), axis.categories().toArray(new String[0]));
            names.setGridBandsVisible(false);
            names.setRange(-0.5, axis.categories().size() - 0.5);
            yield names;
          }
        };
    made.setLabelFont(font(Font.PLAIN, 13));
    made.setTickLabelFont(font(Font.PLAIN, 12));
    made.setLabelPaint(theme.text());
    made.setTickLabelPaint(theme.text());
    made.setAxisLinePaint(theme.grid());
    made.setTickMarkPaint(theme.grid());
    return made;
  }

  private static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  private static Shape circle() {
    return new Ellipse2D.Double(-4, -4, 8, 8);
  }

  private static Shape square() {
    return new Rectangle2D.Double(-3.5, -3.5, 7, 7);
  }

  private static Shape diamond() {
    return polygon(0, -5, 5, 0, 0, 5, -5, 0);
  }

  private static Shape triangle(int up) {
    return polygon(0, -5 * up, 4.5, 4 * up, -4.5, 4 * up);
  }

  private static Shape polygon(double... corners) {
    Path2D path = new Path2D.Double();
    path.moveTo(corners[0], corners[1]);
    for (int i = 2; i < corners.length; i += 2) {
      path.lineTo(corners[i], corners[i + 1]);
    }
    path.closePath();
    return path;
  }

  /** Ticks as shares. */
  private static final class FractionFormat extends NumberFormat {
    private static final long serialVersionUID = 1;

    @Override
    public StringBuffer format(double share, StringBuffer out, FieldPosition position) {
      return out.append(Share.text(share));
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
