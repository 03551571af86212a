package ai.dmt.study;

import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedFigures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Series;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The ratio x amount grid in the report: surfaces, effects of other data, where they begin to harm.
 */
final class GridSection {
  private static final String HOW =
      "%s An"
          + " ability's own data are those of its kind; the effect of the others is against none of"
          + " them, paired by seed and by problem. More data are more steps, too. Interference"
          + " begins where the effect passes the margin (%s). Harm is taken not to shrink as more"
          + " is added: from the smallest amount up harm is ruled out, from the largest down it is"
          + " shown, which gives each row an interval of 95 %% by itself.";

  private final ResultView view;
  private final List<GridSurface> surfaces;
  private final Registration registration;

  GridSection(ResultView view, Registration registration) {
    this.view = view;
    this.registration = registration;
    this.surfaces =
        view.metrics().stream()
            .map(metric -> new GridSurface(view, metric, registration))
            .filter(
                surface ->
                    surface.own().stream().anyMatch(own -> surface.interference(own).isPresent()))
            .toList();
  }

  /** Empty until a row of the grid has something to compare. */
  Optional<Section> section() {
    if (surfaces.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph(HOW.formatted(trained(), margins())));
    blocks.add(
        new TableBlock(
            "Where interference begins, by the registered measure", thresholds(isFirst())));
    blocks.add(effects());
    List<Figure> first = figures(isFirst());
    List<Figure> others = figures(isFirst().negate());
    blocks.add(new Figures(first));
    if (!others.isEmpty()) {
      blocks.add(new FoldedTable("By the other measures", thresholds(isFirst().negate())));
      blocks.add(new FoldedFigures("Surfaces of the other measures", others));
    }
    return Optional.of(new Section("grid", "Ratio and amount: where data interfere", blocks));
  }

  /** Measures of the registered kind; all where the grid has none of it. */
  private Predicate<GridSurface> isFirst() {
    Predicate<GridSurface> registered =
        surface -> Registration.kind(surface.metric()) == registration.primary(view.isOfWorld());
    return surfaces.stream().anyMatch(registered) ? registered : surface -> true;
  }

  /** How much of the grid there is: other questions train some of its places, too. */
  private String trained() {
    int all = 0;
    int there = 0;
    for (double specialized : view.gridSpecialized()) {
      for (double general : view.gridGeneral()) {
        all += specialized > 0 || general > 0 ? 1 : 0;
        there += view.has(GridCells.group(specialized, general)) ? 1 : 0;
      }
    }
    return there == all
        ? "Each share of the specialized sources was mixed with each share of the general ones."
        : ("%s of the %s mixtures of the grid were trained here; what the others would say is not"
                + " known, and rows without any are left out.")
            .formatted(there, all);
  }

  private String margins() {
    return Units.format(
        "losses × %.2f, odds ÷ %.2f",
        Math.exp(registration.plan().margins().getOrDefault(Registration.Kind.LOSS, 0.0)),
        Math.exp(registration.plan().margins().getOrDefault(Registration.Kind.SCORE, 0.0)));
  }

  /** A row for each measure and each amount of the ability's own data. */
  private Table thresholds(Predicate<GridSurface> some) {
    List<List<String>> rows = new ArrayList<>();
    for (GridSurface surface : surfaces.stream().filter(some).toList()) {
      for (double own : surface.own()) {
        surface
            .interference(own)
            .ifPresent(
                found ->
                    rows.add(
                        List.of(
                            surface.metric().label(),
                            Share.text(own) + " of " + surface.ownKind(),
                            found.verdict().text(),
                            estimate(surface, found, own),
                            interval(surface, found, own))));
      }
    }
    return new Table(
        List.of("measure", "own data", "verdict", "harm begins at", "95 % interval"), rows);
  }

  private static String estimate(GridSurface surface, Interference found, double own) {
    if (found.estimate().isEmpty()) {
      return "none seen";
    }
    double at = found.estimate().getAsDouble();
    return at == found.amounts().get(0)
        ? "at most " + surface.amount(at, own)
        : surface.amount(rounded(at), own);
  }

  private static double rounded(double share) {
    return Double.parseDouble(Units.format("%.2g", share));
  }

  private static String interval(GridSurface surface, Interference found, double own) {
    if (found.verdict() == Interference.Verdict.ESTIMATE) {
      return EffectText.NONE;
    }
    String above =
        found.above().isPresent() ? Share.text(found.amounts().get(found.above().getAsInt())) : "0";
    return found.from().isPresent()
        ? "above %s, at most %s"
            .formatted(above, surface.amount(found.amounts().get(found.from().getAsInt()), own))
        : "above " + above;
  }

  /** Of the first measures; the deeper the colour, the more harm. */
  private HeatTable effects() {
    List<GridSurface> shown = surfaces.stream().filter(isFirst()).toList();
    List<Double> others =
        shown.stream().flatMap(surface -> surface.other().stream()).distinct().sorted().toList();
    List<String> header = new ArrayList<>(List.of("measure", "own data"));
    others.forEach(share -> header.add(Share.text(share) + " of the others"));
    List<List<String>> rows = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    for (GridSurface surface : shown) {
      for (double own : surface.own()) {
        if (surface.interference(own).isEmpty()) {
          continue;
        }
        List<String> row = new ArrayList<>(List.of(surface.metric().label(), Share.text(own)));
        List<Double> shade = new ArrayList<>(Collections.nCopies(row.size(), Double.NaN));
        for (double other : others) {
          Optional<Claim.Tested> effect = surface.effect(own, other);
          row.add(effect.map(GridSection::text).orElse(EffectText.NONE));
          shade.add(effect.map(found -> shade(found.effect())).orElse(Double.NaN));
        }
        rows.add(row);
        shades.add(shade);
      }
    }
    return new HeatTable(
        "Effect of other data against none of them, with its 95 % interval; the deeper the colour,"
            + " the more harm",
        new Table(header, rows), shades);
  }

  private static String text(Claim.Tested tested) {
    return EffectText.withInterval(tested);
  }

  /** From none at no harm towards 1 where a loss or the odds are tenfold. */
  private static double shade(Effect effect) {
    return effect.estimate() >= 0 ? Double.NaN : Math.min(1, -effect.estimate() / Math.log(10));
  }

  private List<Figure> figures(Predicate<GridSurface> some) {
    return surfaces.stream()
        .filter(some)
        .map(GridSurface::metric)
        .map(this::figure)
        .flatMap(Optional::stream)
        .toList();
  }

  /** A row for each share of the specialized sources, a column for each of the general ones. */
  private Optional<Figure> figure(Metric metric) {
    ResultFigures painted = new ResultFigures(view);
    List<Double> columns = view.gridGeneral();
    List<Series> rows = new ArrayList<>();
    for (double specialized : view.gridSpecialized()) {
      List<Point> points = new ArrayList<>();
      for (int column = 0; column < columns.size(); column++) {
        painted
            .point(column, GridCells.group(specialized, columns.get(column)), metric)
            .ifPresent(points::add);
      }
      if (!points.isEmpty()) {
        rows.add(new Series("specialized " + Share.text(specialized), points));
      }
    }
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Figure(
                "grid-" + metric.slug(),
                metric.label(),
                "The deeper the colour, the larger the value: "
                    + (metric.isLoss() ? "worse." : "better."),
                Axis.categories(
                    "share of general data", columns.stream().map(Share::text).toList()),
                Axis.linear(metric.unit()),
                rows,
                Figure.Style.SURFACE));
  }
}
