package ai.dmt.report;

import ai.dmt.report.Drawing.Dot;
import ai.dmt.report.Drawing.Trace;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Paint;
import java.util.List;
import java.util.function.Function;
import org.jfree.chart.annotations.XYLineAnnotation;
import org.jfree.chart.annotations.XYPolygonAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Bands, bars, lines and marks of a {@link Drawing}, from the lowest layer to the highest. */
final class TracePainter {
  private static final int BAND = 46; // of 255: how much of a band's colour is seen
  private static final double BESIDE = 0.3; // of a radius, from where words begin or end
  private static final float LINE = 2f;
  private static final float BAR = 1.5f;

  private final Drawing drawing;
  private final Theme theme;

  TracePainter(Drawing drawing, Theme theme) {
    this.drawing = drawing;
    this.theme = theme;
  }

  void draw(XYPlot plot) {
    add(plot, lines(Trace::bars), stroked(BAR));
    drawFrame(plot);
    for (Trace trace : drawing.traces()) {
      for (List<double[]> band : trace.bands()) {
        Color color = theme.of(trace.color());
        Color thin = new Color(color.getRed(), color.getGreen(), color.getBlue(), BAND);
        plot.getRenderer(0)
            .addAnnotation(new XYPolygonAnnotation(flat(band), null, null, thin), Layer.BACKGROUND);
      }
    }
    add(plot, lines(Trace::lines), stroked(LINE));
    add(plot, dots(), new Dots());
  }

  private void drawFrame(XYPlot plot) {
    for (List<double[]> line : drawing.frame()) {
      for (int i = 1; i < line.size(); i++) {
        double[] from = line.get(i - 1);
        double[] to = line.get(i);
        plot.getRenderer(0)
            .addAnnotation(
                new XYLineAnnotation(
                    from[0], from[1], to[0], to[1], new BasicStroke(1f), theme.grid()),
                Layer.BACKGROUND);
      }
    }
    for (Drawing.Text text : drawing.texts()) {
      XYTextAnnotation words = new XYTextAnnotation(text.says(), text.x(), text.y());
      words.setFont(AxisPainter.font(12));
      words.setPaint(theme.text());
      words.setTextAnchor(
          Math.abs(text.x()) < BESIDE
              ? TextAnchor.CENTER
              : text.x() > 0 ? TextAnchor.CENTER_LEFT : TextAnchor.CENTER_RIGHT);
      plot.addAnnotation(words);
    }
  }

  private static double[] flat(List<double[]> corners) {
    return corners.stream().flatMapToDouble(java.util.Arrays::stream).toArray();
  }

  /** Each trace's lines as one series, with a gap after each. */
  private XYSeriesCollection lines(Function<Trace, List<List<double[]>>> some) {
    XYSeriesCollection data = new XYSeriesCollection();
    for (Trace trace : drawing.traces()) {
      XYSeries series = new XYSeries(trace.name(), false, true);
      for (List<double[]> line : some.apply(trace)) {
        line.forEach(point -> series.add(point[0], point[1]));
        series.add(line.get(line.size() - 1)[0], Double.NaN);
      }
      data.addSeries(series);
    }
    return data;
  }

  private XYSeriesCollection dots() {
    XYSeriesCollection data = new XYSeriesCollection();
    for (Trace trace : drawing.traces()) {
      XYSeries series = new XYSeries(trace.name(), false, true);
      if (trace.marked()) {
        trace.dots().forEach(dot -> series.add(dot.x(), dot.y()));
      }
      data.addSeries(series);
    }
    return data;
  }

  private void add(XYPlot plot, XYSeriesCollection data, XYLineAndShapeRenderer renderer) {
    for (int i = 0; i < drawing.traces().size(); i++) {
      Trace trace = drawing.traces().get(i);
      renderer.setSeriesPaint(i, theme.of(trace.color()));
      renderer.setSeriesFillPaint(i, theme.of(trace.color()));
      renderer.setSeriesShape(i, trace.mark().shape());
      // The legend has each trace once: by its marks, or by its line where it has none.
      boolean ofMarks = renderer instanceof Dots;
      boolean ofLines =
          renderer.getDefaultStroke() instanceof BasicStroke own && own.getLineWidth() == LINE;
      renderer.setSeriesVisibleInLegend(i, trace.marked() ? ofMarks : ofLines);
    }
    int index = plot.getDatasetCount();
    plot.setDataset(index, data);
    plot.setRenderer(index, renderer);
  }

  private static XYLineAndShapeRenderer stroked(float width) {
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
    renderer.setAutoPopulateSeriesStroke(false);
    renderer.setDefaultStroke(new BasicStroke(width));
    return renderer;
  }

  /** Marks, those of few seeds hollow. */
  private final class Dots extends XYLineAndShapeRenderer {
    private static final long serialVersionUID = 1;

    Dots() {
      super(false, true);
      setUseFillPaint(true);
      setAutoPopulateSeriesOutlineStroke(false);
      setDefaultOutlineStroke(new BasicStroke(BAR));
    }

    @Override
    public Paint getItemFillPaint(int row, int column) {
      Dot dot = drawing.traces().get(row).dots().get(column);
      return dot.hollow() ? theme.page() : super.getItemFillPaint(row, column);
    }
  }
}
