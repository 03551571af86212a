package ai.dmt.report;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Predicate;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.apache.batik.svggen.SVGIDGenerator;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.AbstractXYItemRenderer;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Draws figures with JFreeChart: as SVG for the page and as PNG for papers. Needs no display. A
 * figure is as wide as a small screen, so that its letters can be read there; larger screens show
 * several beside one another.
 */
final class FigurePainter {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 320;
  private static final int ROW_HEIGHT = 30; // of a category
  private static final int FRAME_HEIGHT = 80; // axis and legend
  private static final int PNG_SCALE = 3; // 1,440 pixels: 300 per inch over two thirds of a page
  private static final double DODGE = 0.14;
  private static final String SVG = "http://www.w3.org/2000/svg";
  private static final List<Shape> MARKS =
      List.of(circle(), square(), triangle(1), diamond(), triangle(-1));

  private final Figure figure;
  private final Theme theme;

  private FigurePainter(Figure figure, Theme theme) {
    this.figure = figure;
    this.theme = theme;
  }

  /**
   * The figure as an {@code <svg>} element that scales with its box. Its colours are the custom
   * properties of the page, see {@link Theme#properties}.
   */
  static String svg(Figure figure) {
    return Theme.LIGHT.toProperties(element(figure, Theme.LIGHT));
  }

  /** The figure as an SVG file of its own, on white. */
  static String svgFile(Figure figure) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + element(figure, Theme.PAPER).replaceFirst("<svg", "<svg xmlns=\"%s\"".formatted(SVG));
  }

  private static String element(Figure figure, Theme theme) {
    FigurePainter painter = new FigurePainter(figure, theme);
    int height = painter.height();
    SVGGraphics2D graphics = new SVGGraphics2D(context(figure.id()), false);
    painter.chart().draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, height));
    Element root = graphics.getRoot();
    root.setAttributeNS(null, "viewBox", "0 0 %s %s".formatted(WIDTH, height)); // and no size
    StringWriter svg = new StringWriter();
    try {
      graphics.stream(root, svg, false, false);
    } catch (SVGGraphics2DIOException e) {
      throw new UncheckedIOException("figure " + figure.id() + " cannot be written", e);
    }
    String element = svg.toString().substring(svg.toString().indexOf("<svg"));
    return element.replace("<defs id=\"genericDefs\"\n  />", "");
  }

  /** What an SVG is made in. The names of its parts begin with the figure's: a page has several. */
  private static SVGGeneratorContext context(String id) {
    Document document;
    try {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      document = builder.getDOMImplementation().createDocument(SVG, "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("Java's own parser of XML is not there", e);
    }
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
    context.setComment(null);
    context.setIDGenerator(
        new SVGIDGenerator() {
          @Override
          public String generateID(String part) {
            return id + "-" + super.generateID(part);
          }
        });
    return context;
  }

  /** The figure as a PNG on white. */
  static byte[] png(Figure figure) {
    FigurePainter painter = new FigurePainter(figure, Theme.PAPER);
    int height = painter.height();
    BufferedImage image =
        new BufferedImage(WIDTH * PNG_SCALE, height * PNG_SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.scale(PNG_SCALE, PNG_SCALE);
    painter.chart().draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, height));
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("figure " + figure.id() + " cannot be encoded", e);
    }
    return bytes.toByteArray();
  }

  private int height() {
    if (isSurface()) {
      return FRAME_HEIGHT + ROW_HEIGHT * figure.series().size();
    }
    return hasRows() ? FRAME_HEIGHT + ROW_HEIGHT * figure.x().categories().size() : HEIGHT;
  }

  private boolean isSurface() {
    return figure.style() == Figure.Style.SURFACE;
  }

  /** Categories of dots are rows: their names need the width. */
  private boolean hasRows() {
    return figure.style() == Figure.Style.DOTS && figure.x().scale() == Axis.Scale.CATEGORIES;
  }

  private JFreeChart chart() {
    ValueAxis x = AxisPainter.of(figure.x(), theme);
    XYPlot plot = new XYPlot();
    plot.setDomainAxis(x);
    if (isSurface()) {
      SurfacePainter.draw(figure, theme, plot);
    } else {
      plot.setRangeAxis(AxisPainter.of(figure.y(), theme));
      drawLayers(plot);
    }
    if (hasRows()) {
      plot.setOrientation(PlotOrientation.HORIZONTAL);
      x.setInverted(true); // the first on top
    }
    plot.setBackgroundPaint(null);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinesVisible(hasRows());
    plot.setDomainGridlinePaint(theme.grid());
    plot.setRangeGridlinesVisible(!isSurface());
    plot.setRangeGridlinePaint(theme.grid());
    plot.setRangeGridlineStroke(new BasicStroke(1f));
    plot.setAxisOffset(new RectangleInsets(0, 0, 0, 0));
    JFreeChart chart = new JFreeChart(null, null, plot, figure.series().size() > 1 && !isSurface());
    chart.setBackgroundPaint(theme.background());
    chart.setAntiAlias(true);
    chart.setPadding(new RectangleInsets(4, 0, 2, 14));
    LegendTitle legend = chart.getLegend();
    if (legend != null) {
      legend.setPosition(RectangleEdge.TOP);
      legend.setItemFont(AxisPainter.font(13));
      legend.setItemPaint(theme.text());
      legend.setBackgroundPaint(null);
      legend.setFrame(BlockBorder.NONE);
    }
    return chart;
  }

  private void drawLayers(XYPlot plot) {
    for (Layer layer : layers()) {
      int index = plot.getDatasetCount();
      plot.setDataset(index, data(layer));
      plot.setRenderer(index, renderer(layer));
    }
  }

  /**
   * Points that are drawn alike. The place of 0 is one of its own: no line reaches it, and its
   * interval is a bar.
   *
   * @param style how
   * @param points of each series; no points for a series that has none here
   * @param named whether the legend names the series
   */
  private record Layer(Figure.Style style, List<List<Point>> points, boolean named) {}

  private List<Layer> layers() {
    if (figure.style() == Figure.Style.FITS) {
      Predicate<Series> curve = series -> series.points().size() >= Figure.CURVE_POINTS;
      return List.of(
          new Layer(Figure.Style.LINES, points(curve, point -> true), true),
          new Layer(Figure.Style.DOTS, points(curve.negate(), point -> true), true));
    }
    Predicate<Point> zero = point -> figure.x().isZero(point.x());
    Layer main = new Layer(figure.style(), points(series -> true, zero.negate()), true);
    Layer apart = new Layer(Figure.Style.DOTS, points(series -> true, zero), false);
    boolean hasZero = apart.points().stream().anyMatch(points -> !points.isEmpty());
    return hasZero ? List.of(main, apart) : List.of(main);
  }

  private List<List<Point>> points(Predicate<Series> ofSeries, Predicate<Point> ofPoint) {
    return figure.series().stream()
        .map(
            series ->
                ofSeries.test(series)
                    ? series.points().stream().filter(ofPoint).toList()
                    : List.<Point>of())
        .toList();
  }

  private XYIntervalSeriesCollection data(Layer layer) {
    XYIntervalSeriesCollection data = new XYIntervalSeriesCollection();
    int count = layer.points().size();
    for (int i = 0; i < count; i++) {
      double shift = hasRows() ? (i - (count - 1) / 2.0) * dodge(count) : 0;
      XYIntervalSeries series = new XYIntervalSeries(figure.series().get(i).name(), false, true);
      for (Point point : layer.points().get(i)) {
        double x = figure.x().place(point.x()) + shift;
        boolean plane = layer.style() == Figure.Style.PLANE;
        series.add(
            x,
            plane ? point.xLow() : x,
            plane ? point.xHigh() : x,
            point.y(),
            point.low(),
            point.high());
      }
      data.addSeries(series);
    }
    return data;
  }

  /** Dots of one category stand side by side, so that their bars can be told apart. */
  private static double dodge(int count) {
    return Math.min(DODGE, 0.7 / count);
  }

  private AbstractXYItemRenderer renderer(Layer layer) {
    AbstractXYItemRenderer renderer = unpainted(layer.style());
    boolean curves =
        layer.points().stream().anyMatch(points -> points.size() >= Figure.CURVE_POINTS);
    for (int i = 0; i < layer.points().size(); i++) {
      int own = figure.series().get(i).look();
      int look = own == Series.BY_PLACE ? i : own;
      renderer.setSeriesPaint(i, theme.of(look));
      renderer.setSeriesFillPaint(i, theme.of(look));
      renderer.setSeriesStroke(i, new BasicStroke(2f));
      renderer.setSeriesShape(i, MARKS.get(look % MARKS.size()));
      renderer.setSeriesVisibleInLegend(i, layer.named() && !layer.points().get(i).isEmpty());
      if (renderer instanceof DeviationRenderer lines) {
        lines.setSeriesShapesVisible(i, !curves);
      }
    }
    return renderer;
  }

  private static AbstractXYItemRenderer unpainted(Figure.Style style) {
    switch (style) {
      case LINES -> {
        DeviationRenderer bands = new DeviationRenderer(true, true);
        bands.setAlpha(0.18f);
        return bands;
      }
      case DOTS, PLANE -> {
        XYErrorRenderer bars = new XYErrorRenderer();
        bars.setDrawXError(style == Figure.Style.PLANE);
        bars.setCapLength(4);
        return bars;
      }
      case CLOUD -> {
        return new XYLineAndShapeRenderer(false, true);
      }
      case FITS -> throw new IllegalArgumentException("fits are layers of lines and dots");
      case SURFACE -> throw new IllegalArgumentException("a surface has no layers");
    }
    throw new AssertionError(style);
  }

  private static Shape circle() {
    return new Ellipse2D.Double(-3.5, -3.5, 7, 7);
  }

  private static Shape square() {
    return new Rectangle2D.Double(-3, -3, 6, 6);
  }

  private static Shape diamond() {
    return polygon(0, -4.5, 4.5, 0, 0, 4.5, -4.5, 0);
  }

  private static Shape triangle(int up) {
    return polygon(0, -4.5 * up, 4, 3.5 * up, -4, 3.5 * up);
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
}
