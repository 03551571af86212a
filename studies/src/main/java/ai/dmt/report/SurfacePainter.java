package ai.dmt.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jfree.chart.annotations.XYBoxAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;

/**
 * Draws values over two axes of names: a row for each series, a column for each category, the value
 * in its cell. The larger a value, the deeper its cell, up to where text can still be read.
 */
final class SurfacePainter {
  private static final double DEEPEST = 0.55;
  private static final int COLOR = 1; // of the theme's series
  private static final int OPAQUE = 255;
  private static final double HALF = 0.5; // of a cell

  private SurfacePainter() {}

  static void draw(Figure figure, Theme theme, XYPlot plot) {
    List<Series> rows = figure.series();
    SymbolAxis names =
        new SymbolAxis(
            "", rows.stream().map(Series::name).toArray(String[]::new)); // the first lowest
    names.setGridBandsVisible(false);
    names.setRange(-HALF, rows.size() - HALF);
    names.setTickLabelFont(AxisPainter.font(12));
    names.setTickLabelPaint(theme.text());
    names.setAxisLinePaint(theme.grid());
    names.setTickMarkPaint(theme.grid());
    plot.setRangeAxis(names);
    double low = values(rows).min().orElseThrow();
    double range = Math.max(values(rows).max().orElseThrow() - low, Double.MIN_NORMAL);
    for (int row = 0; row < rows.size(); row++) {
      for (Point point : rows.get(row).points()) {
        double depth = DEEPEST * (point.y() - low) / range;
        plot.addAnnotation(
            new XYBoxAnnotation(
                point.x() - HALF,
                row - HALF,
                point.x() + HALF,
                row + HALF,
                new BasicStroke(1f),
                theme.grid(),
                translucent(theme.of(COLOR), depth)));
        XYTextAnnotation value = new XYTextAnnotation(figure.y().text(point.y()), point.x(), row);
        value.setFont(AxisPainter.font(12));
        value.setPaint(theme.text());
        plot.addAnnotation(value);
      }
    }
  }

  private static DoubleStream values(List<Series> rows) {
    return rows.stream().flatMap(row -> row.points().stream()).mapToDouble(Point::y);
  }

  private static Color translucent(Color color, double depth) {
    return new Color(
        color.getRed(), color.getGreen(), color.getBlue(), (int) Math.round(OPAQUE * depth));
  }
}
