package ai.dmt.representation;

import ai.dmt.evaluators.statistics.Holm;
import ai.dmt.evaluators.statistics.Intervals;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import ai.dmt.representation.Representations.Layer;
import ai.dmt.representation.Representations.Probes;
import java.util.ArrayList;
import java.util.List;

/** What models make of queries, as figures, tables and sentences. */
public final class RepresentationReport {
  private static final double NORMAL_95 = 1.959964;
  private static final double LEVEL = 0.05; // of all models together

  private final Representations found;
  private final RepresentationFigures figures;

  /**
   * Of what was computed.
   *
   * @param found by {@link RepresentationStudy}
   */
  public RepresentationReport(Representations found) {
    this.found = found;
    this.figures = new RepresentationFigures(found);
  }

  /** {@return a page of its own} */
  public Report report() {
    return new Report(
        "Representations",
        what(),
        List.of(
            new Section("clouds", "Queries in layer " + found.layer(), clouds()),
            new Section("layers", "Layer by layer", layers())));
  }

  /** {@return a section of a larger report} */
  public Section section() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph(Units.format("%s. %s", what(), finding())));
    blocks.addAll(clouds());
    blocks.addAll(layers());
    return new Section("representations", "Representations", blocks);
  }

  private String what() {
    String sources = String.join(", ", found.sources());
    int each = found.classes().length / found.sources().size();
    String text =
        "%s queries of each of %s; layer %s of the figures".formatted(each, sources, found.layer());
    return found.acrossCount() == 0
        ? text
        : text
            + "; %s queries ask for the ability of another source".formatted(found.acrossCount());
  }

  /** What the probes say, in words; of abilities nothing where no query asks for another's. */
  private String finding() {
    List<Probes> probes = drawn().probes();
    double least = probes.stream().mapToDouble(Probes::source).min().orElseThrow();
    String source =
        Units.format(
            "In all models the source of a query is told in %.1f %% of them or more (a guess: %.0f %%).",
            100 * least, 100.0 / found.sources().size());
    if (!hasAcross()) {
      return source;
    }
    double[] adjusted = adjusted();
    List<String> told = new ArrayList<>();
    for (int m = 0; m < probes.size(); m++) {
      if (adjusted[m] <= LEVEL) {
        told.add(found.models().get(m));
      }
    }
    List<String> parts = new ArrayList<>();
    found
        .clouds()
        .forEach(
            cloud ->
                parts.add(
                    Units.format(
                        "%.0f %% in %s (p = %s)",
                        100 * probes.get(cloud.model()).across(),
                        found.models().get(cloud.model()),
                        p(adjusted[cloud.model()]))));
    return source
        + " Whether the asked ability shows apart from the source: "
        + (told.isEmpty()
            ? "this was shown of no model"
            : "this was shown of " + String.join(", ", told))
        + Units.format(
            ". A classifier that has seen none of the latter queries tells which ability they ask for"
                + " in %s.",
            String.join(", ", parts));
  }

  private boolean hasAcross() {
    return !Double.isNaN(drawn().probes().get(0).across());
  }

  private Layer drawn() {
    return found.layers().get(found.layer());
  }

  private double[] adjusted() {
    return Holm.adjust(drawn().probes().stream().mapToDouble(Probes::acrossP).toArray());
  }

  private List<Block> clouds() {
    return List.of(new Figures(figures.clouds()));
  }

  private List<Block> layers() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "Probes are ridge classifiers, 5-fold cross-validated. The control task has labels drawn"
                + " at random for each of %s ways to begin a query; selectivity is ability less"
                    .formatted(found.openings())
                + " control, with an interval over ways to begin. Across sources, a classifier"
                + " learns from the queries that ask for their own source's ability and tells those"
                + " that ask for another's: knowing the source alone, it is never right. Its p is"
                + " of 1,000 exchanges of the abilities among their ways to begin, after Holm's correction over"
                + " the models of the layer; it is over ways to begin, the intervals of shares are over"
                + " queries, so the two need not agree. Linear CKA is 1 where two models hold the same up to"
                + " rotation and scale. Layer 0 is the embedding; states are taken before the final"
                + " norm."));
    blocks.add(new Figures(figures.lines()));
    blocks.add(new TableBlock("Layer " + found.layer(), models()));
    if (found.models().size() > 2) {
      blocks.add(similarity());
    }
    blocks.add(new FoldedTable("All layers", table()));
    return blocks;
  }

  /** A row for each model at the layer that is drawn. */
  private Table models() {
    List<List<String>> rows = new ArrayList<>();
    double[] adjusted = hasAcross() ? adjusted() : new double[0];
    for (int m = 0; m < found.models().size(); m++) {
      Probes probes = drawn().probes().get(m);
      double half = NORMAL_95 * probes.selectivityError();
      List<String> row =
          new ArrayList<>(
              List.of(
                  found.models().get(m),
                  percent(probes.source()),
                  percent(probes.ability()),
                  percent(probes.control()),
                  Units.format(
                      "%s [%s, %s]",
                      percent(probes.selectivity()),
                      percent(probes.selectivity() - half),
                      percent(probes.selectivity() + half))));
      if (hasAcross()) {
        long right = Math.round(probes.across() * found.acrossCount());
        var interval = Intervals.wilson(right, found.acrossCount());
        row.add(
            Units.format(
                "%s [%s, %s]",
                percent(probes.across()), percent(interval.low()), percent(interval.high())));
        row.add(p(adjusted[m]));
      }
      rows.add(row);
    }
    List<String> header =
        new ArrayList<>(
            List.of(
                "model", "source told (%)", "ability (%)", "control (%)", "selectivity [95 %]"));
    if (hasAcross()) {
      header.addAll(List.of("across sources (%) [95 %]", "p"));
    }
    return new Table(header, rows);
  }

  private HeatTable similarity() {
    double[][] cka = drawn().cka();
    List<String> header = new ArrayList<>(List.of("linear CKA"));
    header.addAll(found.models());
    List<List<String>> rows = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    for (int m = 0; m < cka.length; m++) {
      List<String> row = new ArrayList<>(List.of(found.models().get(m)));
      List<Double> shade = new ArrayList<>(List.of(Double.NaN));
      for (double value : cka[m]) {
        row.add(cka(value));
        shade.add(Double.isNaN(value) ? Double.NaN : 1 - Math.min(1, value));
      }
      rows.add(row);
      shades.add(shade);
    }
    return new HeatTable(
        "How alike models are in layer %s; the deeper the colour, the less"
            .formatted(found.layer()),
        new Table(header, rows),
        shades);
  }

  /**
   * {@return a row for each layer: of each model what the probes tell, and its CKA with the first}
   */
  public Table table() {
    List<String> header = new ArrayList<>(List.of("layer"));
    for (String model : found.models()) {
      header.add("source (%), " + model);
      header.add("ability (%), " + model);
      if (hasAcross()) {
        header.add("across (%), " + model);
      }
    }
    found.models().stream().skip(1).forEach(model -> header.add("CKA, " + model));
    List<List<String>> rows = new ArrayList<>();
    for (Layer layer : found.layers()) {
      List<String> row =
          new ArrayList<>(
              List.of(layer.number() == 0 ? "embedding" : Integer.toString(layer.number())));
      for (Probes probes : layer.probes()) {
        row.add(percent(probes.source()));
        row.add(percent(probes.ability()));
        if (hasAcross()) {
          row.add(percent(probes.across()));
        }
      }
      for (int m = 1; m < found.models().size(); m++) {
        row.add(cka(layer.cka()[0][m]));
      }
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private static String cka(double value) {
    return Double.isNaN(value) ? "-" : Units.format("%.3f", value);
  }

  private static String percent(double share) {
    return Units.format("%.1f", 100 * share);
  }

  private static String p(double value) {
    return value < 0.001 ? "< 0.001" : Units.format("%.3f", value);
  }
}
