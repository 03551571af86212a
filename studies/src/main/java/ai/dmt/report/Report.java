package ai.dmt.report;

import ai.dmt.internal.files.WholeFile;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedFigures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A report: {@code report.html}, which needs no other file, {@code report.md}, and each figure as a
 * PNG under {@code figures/}.
 *
 * @param title of the page
 * @param subtitle what was run
 * @param sections from top to bottom
 */
public record Report(String title, String subtitle, List<Section> sections) {
  /** Folder of the PNGs, beside the page. */
  static final String FIGURES = "figures";

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
    }
    WholeFile.replace(
        folder.resolve("report.md"), ReportMarkdown.of(this).getBytes(StandardCharsets.UTF_8));
    WholeFile.replace(
        folder.resolve("report.html"), ReportPage.of(this).getBytes(StandardCharsets.UTF_8));
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
