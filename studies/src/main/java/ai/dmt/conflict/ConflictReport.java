package ai.dmt.conflict;

import ai.dmt.conflict.GradientConflict.Pair;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tables and figures of what sources have to do with each other: cosines at one or more models,
 * overlaps, and what tells where data interfere.
 */
public final class ConflictReport {
  private static final String NONE = "-";
  private static final String GRADIENTS =
      "Gradients of held-out samples at the same weights. The cosine is that of the sources' own"
          + " gradients: inner products of independent sets of samples, and of two sets of one"
          + " source for its length, so that noise does not pull it to 0; intervals are the"
          + " jackknife's over the sets, at 95 % each. As seen is the cosine of one set with"
          + " another, and the ceiling what equal sources would show. Opposed gradients mean that a"
          + " step for the one raises the loss of the other.";
  private static final String OVERLAPS =
      "The part of the n-grams of label tokens that two sources share; the ceiling is what two"
          + " sets of one source do.";
  private static final String FACTORS =
      "Effects of other data in the grid against what could have told them, with a level of its own"
          + " for each ability. p is by permutation at the level at which a factor varies, after"
          + " Holm; the gain is in the share of the effects' variance that the model predicts of"
          + " places left out of it.";

  private ConflictReport() {}

  /**
   * {@return a row for each model and pair of sources}
   *
   * @param models by name, in their order
   */
  public static Table cosines(Map<String, GradientConflict> models) {
    List<List<String>> rows = new ArrayList<>();
    models.forEach((name, conflict) -> conflict.whole().forEach(pair -> rows.add(row(name, pair))));
    return new Table(header("model"), rows);
  }

  private static List<String> header(String first) {
    return List.of(first, "sources", "cosine", "95 % interval", "gradients", "as seen", "ceiling");
  }

  private static List<String> row(String name, Pair pair) {
    CosineEstimate cosine = pair.cosine();
    return List.of(
        name,
        pair.one() + ", " + pair.other(),
        number(cosine.cosine()),
        Double.isNaN(cosine.low())
            ? NONE
            : "[%s, %s]".formatted(number(cosine.low()), number(cosine.high())),
        cosine.direction().text(),
        number(cosine.seen()),
        number(cosine.ceiling()));
  }

  /** {@return a row for each pair of sources and size of n-grams} */
  private static Table overlaps(List<DataOverlap> overlaps) {
    return new Table(
        List.of("sources", "n", "shared", "ceiling", "of the ceiling"),
        overlaps.stream()
            .map(
                each ->
                    List.of(
                        each.one() + ", " + each.other(),
                        Integer.toString(each.n()),
                        number(each.shared()),
                        number(each.ceiling()),
                        number(each.relative())))
            .toList());
  }

  /**
   * {@return a row for each factor}
   *
   * @param model of a grid
   */
  public static Table factors(FactorModel model) {
    List<List<String>> rows = new ArrayList<>();
    for (FactorModel.Factor factor : model.factors()) {
      rows.add(
          List.of(
              factor.name(),
              factor.varies().text(),
              Units.format("%+.3f", factor.weight()).replace("NaN", NONE),
              number(factor.pValue()),
              number(factor.adjusted()),
              number(factor.gain()),
              factor.predicts() ? "predicts" : "not decided"));
    }
    return new Table(
        List.of(
            "factor",
            "varies",
            "effect of one deviation",
            "p",
            "p after Holm",
            "gain on unseen places",
            "verdict"),
        rows);
  }

  /**
   * {@return cosines: a table of all models, and by layer and kind of matrix}
   *
   * @param models by name, in their order
   */
  public static Section gradients(Map<String, GradientConflict> models) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph(GRADIENTS));
    blocks.add(new TableBlock("Over the whole model", cosines(models)));
    List<Figure> figures = new ArrayList<>();
    models.forEach(
        (name, conflict) -> {
          Map<String, List<Pair>> layers = conflict.byLayer();
          figures.add(
              figure("layers-" + figures.size(), "Layer by layer, " + name, "layer", layers));
        });
    blocks.add(new Figures(figures));
    models.forEach(
        (name, conflict) -> blocks.add(folded("Kinds of matrices, " + name, conflict.byKind())));
    return new Section("gradients", "Directions of gradients", blocks);
  }

  private static FoldedTable folded(String summary, Map<String, List<Pair>> parts) {
    List<List<String>> rows = new ArrayList<>();
    parts.forEach((part, pairs) -> pairs.forEach(pair -> rows.add(row(part, pair))));
    return new FoldedTable(summary, new Table(header("part"), rows));
  }

  /** A series for each pair; parts without an estimate are left out. */
  private static Figure figure(
      String id, String title, String axis, Map<String, List<Pair>> parts) {
    List<String> names = List.copyOf(parts.keySet());
    Map<String, List<Point>> points = new TreeMap<>();
    for (int place = 0; place < names.size(); place++) {
      for (Pair pair : parts.getOrDefault(names.get(place), List.of())) {
        CosineEstimate cosine = pair.cosine();
        if (!Double.isNaN(cosine.low())) {
          points
              .computeIfAbsent(pair.one() + ", " + pair.other(), key -> new ArrayList<>())
              .add(new Point(place, cosine.cosine(), cosine.low(), cosine.high()));
        }
      }
    }
    List<Series> series = new ArrayList<>();
    points.forEach((pair, own) -> series.add(new Series(pair, own)));
    if (series.isEmpty()) {
      series.add(new Series("no gradient can be told from noise", List.of(Point.of(0, 0))));
    }
    return new Figure(
        id,
        title,
        "Cosine of the sources' gradients; bands are 95 % intervals.",
        Axis.categories(axis, names),
        Axis.linear("cosine"),
        series,
        Figure.Style.LINES);
  }

  /**
   * {@return how much sources share}
   *
   * @param overlaps of each pair
   */
  public static Section overlap(List<DataOverlap> overlaps) {
    return new Section(
        "overlap",
        "Overlap of data",
        List.of(new Paragraph(OVERLAPS), new TableBlock("Overlap", overlaps(overlaps))));
  }

  /**
   * {@return what tells where data interfere}
   *
   * @param model of a grid
   */
  public static Section factorSection(FactorModel model) {
    return new Section(
        "factors",
        "What tells interference beforehand",
        List.of(
            new Paragraph(FACTORS),
            new Paragraph(predicted(model)),
            new TableBlock("Factors", factors(model))));
  }

  private static String predicted(FactorModel model) {
    String places = Units.count(model.places()) + " places; ";
    return Double.isNaN(model.predicted())
        ? places + "too few to predict one from the others."
        : places
            + Units.format(
                "all factors together predict %.0f %% of the variance of places left out.",
                100 * model.predicted());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? NONE : Units.format("%.3f", value);
  }
}
