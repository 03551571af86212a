package ai.dmt.report;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
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
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
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
  private static final int RADAR_HEIGHT = 440; // nearly as wide as high, and a legend
  private static final int PNG_SCALE = 3; // 1,440 pixels: 300 per inch over two thirds of a page
  private static final String SVG = "http://www.w3.org/2000/svg";

  private final Figure figure;
  private final Drawing drawing;
  private final Theme theme;

  private FigurePainter(Figure figure, Theme theme) {
    this.figure = figure;
    this.drawing = Drawing.of(figure);
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
    if (drawing.framed()) {
      return RADAR_HEIGHT;
    }
    return drawing.rows() ? FRAME_HEIGHT + ROW_HEIGHT * figure.x().categories().size() : HEIGHT;
  }

  private boolean isSurface() {
    return figure.style() == Figure.Style.SURFACE;
  }

  private JFreeChart chart() {
    XYPlot plot = new XYPlot();
    if (isSurface()) {
      plot.setDomainAxis(AxisPainter.of(drawing.x(), theme));
      SurfacePainter.draw(figure, theme, plot);
    } else {
      ValueAxis x = AxisPainter.of(drawing.x(), theme);
      plot.setDomainAxis(x);
      plot.setRangeAxis(AxisPainter.of(drawing.y(), theme));
      new TracePainter(drawing, theme).draw(plot);
      x.setVisible(!drawing.framed());
      plot.getRangeAxis().setVisible(!drawing.framed());
      if (drawing.rows()) {
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        x.setInverted(true); // the first on top
      }
    }
    plot.setBackgroundPaint(null);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinesVisible(drawing.rows());
    plot.setDomainGridlinePaint(theme.grid());
    plot.setRangeGridlinesVisible(!isSurface() && !drawing.framed());
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
}
