package ai.dmt.report;

import ai.dmt.internal.files.WholeFile;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedFigures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A report: {@code report.html}, which needs no other file, {@code report.md}, each figure as PNG,
 * SVG and CSV under {@code figures/}, and each table as CSV under {@code tables/}.
 *
 * @param title of the page
 * @param subtitle what was run
 * @param sections from top to bottom
 */
public record Report(String title, String subtitle, List<Section> sections) {
  /** Folder of the figures, beside the page. */
  static final String FIGURES = "figures";

  /** Folder of the tables. */
  static final String TABLES = "tables";

  /**
   * Copies the sections.
   *
   * @param title of the page
   * @param subtitle what was run
   * @param sections from top to bottom
   */
  public Report {
    sections = List.copyOf(sections);
  }

  /** {@return the page alone, which needs no other file} */
  public String html() {
    return ReportPage.of(this);
  }

  /** {@return the same page where it is alone: figures are on it, and in no files beside} */
  public String standalone() {
    return ReportPage.of(this, ReportPage.Files.NONE);
  }

  /**
   * Writes all of it; each file is replaced as a whole.
   *
   * @param folder made if it is not there
   * @throws ai.dmt.config.ConfigException if the machine has no fonts for the figures
   * @throws IOException if a file cannot be written
   */
  public void write(Path folder) throws IOException {
    Path figures = folder.resolve(FIGURES);
    Fonts.require();
    for (Figure figure : figures()) {
      WholeFile.replace(figures.resolve(figure.id() + ".png"), FigurePainter.png(figure));
      replace(figures.resolve(figure.id() + ".svg"), FigurePainter.svgFile(figure));
      replace(figures.resolve(figure.id() + ".csv"), Csv.of(figure.table()));
    }
    for (Map.Entry<String, Table> table : tables().entrySet()) {
      replace(folder.resolve(TABLES).resolve(table.getKey() + ".csv"), Csv.of(table.getValue()));
    }
    replace(folder.resolve("report.md"), ReportMarkdown.of(this));
    replace(folder.resolve("report.html"), html());
  }

  private static void replace(Path file, String text) throws IOException {
    WholeFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@return all tables, by section and place in it} */
  Map<String, Table> tables() {
    Map<String, Table> tables = new LinkedHashMap<>();
    for (Section section : sections) {
      int number = 1;
      for (Block block : section.blocks()) {
        Table table = table(block);
        if (table != null) {
          tables.put("%s-%s".formatted(section.id(), number++), table);
        }
      }
    }
    return tables;
  }

  /** Null for a block that is no table. */
  private static @Nullable Table table(Block block) {
    if (block instanceof Section.TableBlock open) {
      return open.table();
    }
    if (block instanceof Section.HeatTable heat) {
      return heat.table();
    }
    return block instanceof Section.FoldedTable folded ? folded.table() : null;
  }

  /** {@return the figures of all sections, from top to bottom} */
  public List<Figure> figures() {
    return sections.stream()
        .flatMap(section -> section.blocks().stream())
        .flatMap(block -> figures(block).stream())
        .toList();
  }

  private static List<Figure> figures(Block block) {
    if (block instanceof FoldedFigures folded) {
      return folded.figures();
    }
    return block instanceof Figures open ? open.figures() : List.of();
  }
}
