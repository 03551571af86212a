package ai.dmt.report;

import java.awt.Color;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Colours of a figure. The series' colours can be told apart by colour-blind readers (Okabe and
 * Ito, "Color Universal Design", 2008); the dark set is the same, lighter where contrast asks for
 * it.
 *
 * @param background behind the figure; null where the page shows through
 * @param text of labels
 * @param grid lines behind the points
 * @param series in the order of the series
 */
record Theme(@Nullable Color background, Color text, Color grid, List<Color> series) {
  /** On a light page. */
  static final Theme LIGHT = new Theme(null, rgb(0x1f2328), rgb(0xd1d9e0), light());

  /** On a dark page. */
  static final Theme DARK = new Theme(null, rgb(0xe6edf3), rgb(0x3d444d), dark());

  /** On paper. */
  static final Theme PAPER = new Theme(Color.WHITE, rgb(0x1f2328), rgb(0xd1d9e0), light());

  /** Stands for the page in a drawing, such as inside a hollow mark. */
  private static final Color PAGE = rgb(0xfefefe);

  Color page() {
    return background == null ? PAGE : background;
  }

  /** The colour of a series; they repeat when there are more. */
  Color of(int one) {
    return series.get(one % series.size());
  }

  /** Names of the page's custom properties and their values, as lines of a style sheet. */
  String properties() {
    StringBuilder lines = new StringBuilder();
    names()
        .forEach(
            (name, color) ->
                lines.append(
                    String.format(Locale.ROOT, "%s: #%06x; ", name, color.getRGB() & 0xffffff)));
    return lines.toString().trim();
  }

  /** A drawing of these colours with the page's properties in their place. */
  String toProperties(String svg) {
    String drawing = svg.replace("rgb(254,254,254)", "var(--back)");
    for (Map.Entry<String, Color> each : names().entrySet()) {
      Color color = each.getValue();
      drawing =
          drawing.replace(
              "rgb(%s,%s,%s)".formatted(color.getRed(), color.getGreen(), color.getBlue()),
              "var(%s)".formatted(each.getKey()));
    }
    return drawing;
  }

  private Map<String, Color> names() {
    Map<String, Color> names = new LinkedHashMap<>();
    names.put("--ink", text);
    names.put("--grid", grid);
    for (int i = 0; i < series.size(); i++) {
      names.put("--series-" + i, series.get(i));
    }
    return names;
  }

  private static List<Color> light() {
    return List.of(
        rgb(0x0072b2),
        rgb(0xd55e00),
        rgb(0x009e73),
        rgb(0xcc79a7),
        rgb(0x7a6a00),
        rgb(0x542788),
        rgb(0x59636e),
        rgb(0x8a1538));
  }

  private static List<Color> dark() {
    return List.of(
        rgb(0x56b4e9),
        rgb(0xff8a3d),
        rgb(0x2fc79a),
        rgb(0xe59cc6),
        rgb(0xf0e442),
        rgb(0xb9a2ff),
        rgb(0xa8b1ba),
        rgb(0xff7a8a));
  }

  private static Color rgb(int value) {
    return new Color(value);
  }
}
