package ai.dmt.report;

import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Excerpt;
import ai.dmt.report.Section.Excerpts;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedFigures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import java.util.List;

/**
 * The report as Markdown; figures are links to their PNGs. It is to be read as it is, so what is
 * long is left to the page: folded tables of many rows, data of curves, most excerpts.
 */
final class ReportMarkdown {
  private static final int MOST_ROWS = 60; // of a table that is folded
  private static final int MOST_EXCERPTS = 3; // of those under one line
  private static final String PAGE = "report.html";

  private ReportMarkdown() {}

  static String of(Report report) {
    StringBuilder out = new StringBuilder();
    out.append("# ").append(report.title()).append("\n\n").append(report.subtitle()).append('\n');
    for (Section section : report.sections()) {
      out.append("\n## ").append(section.title()).append('\n');
      for (Block block : section.blocks()) {
        out.append('\n');
        append(out, block);
      }
    }
    return out.toString();
  }

  // Java 17 has no switch over types.
  private static void append(StringBuilder out, Block block) {
    if (block instanceof Paragraph paragraph) {
      out.append(paragraph.text()).append('\n');
    } else if (block instanceof TableBlock table) {
      out.append(table.caption()).append("\n\n");
      append(out, table.table());
    } else if (block instanceof HeatTable heat) {
      out.append(heat.caption()).append("\n\n");
      append(out, heat.table());
    } else if (block instanceof FoldedTable folded) {
      append(out, folded.summary(), folded.table());
    } else if (block instanceof Figures figures) {
      figures.figures().forEach(figure -> append(out, figure));
    } else if (block instanceof FoldedFigures folded) {
      out.append("<details><summary>").append(escaped(folded.summary())).append("</summary>\n\n");
      folded.figures().forEach(figure -> append(out, figure));
      out.append("</details>\n");
    } else if (block instanceof Excerpts excerpts) {
      append(out, excerpts);
    } else if (block instanceof Section.Marked marked) {
      append(out, marked);
    }
  }

  private static void append(StringBuilder out, Figure figure) {
    out.append(
        "![%s](%s/%s.png)\n\n".formatted(escaped(figure.title()), Report.FIGURES, figure.id()));
    out.append("**").append(escaped(figure.title())).append(".** ").append(figure.caption());
    out.append(figure.note());
    out.append("\n\n");
    append(out, "Data", figure.table());
    out.append('\n');
  }

  private static void append(StringBuilder out, String summary, Table folded) {
    if (folded.rows().size() > MOST_ROWS) {
      out.append("%s: %s rows, in %s.\n".formatted(escaped(summary), folded.rows().size(), PAGE));
      return;
    }
    out.append("<details><summary>").append(escaped(summary)).append("</summary>\n\n");
    append(out, folded);
    out.append("\n</details>\n");
  }

  private static void append(StringBuilder out, Section.Marked marked) {
    out.append(marked.caption()).append("\n\n");
    for (Section.MarkedText text : marked.texts()) {
      out.append(escaped(text.title())).append("\n\n<pre>");
      text.spans()
          .forEach(
              span ->
                  out.append(span.marked() ? "<mark>" : "")
                      .append(escaped(span.text()))
                      .append(span.marked() ? "</mark>" : ""));
      out.append("</pre>\n\n");
    }
  }

  private static void append(StringBuilder out, Excerpts excerpts) {
    List<Excerpt> all = excerpts.excerpts();
    List<Excerpt> shown = all.subList(0, Math.min(MOST_EXCERPTS, all.size()));
    out.append("%s; %s here, all in %s:\n\n".formatted(excerpts.summary(), shown.size(), PAGE));
    shown.forEach(excerpt -> append(out, excerpt));
  }

  private static void append(StringBuilder out, Excerpt excerpt) {
    out.append("<details><summary>").append(escaped(excerpt.summary())).append("</summary>\n\n");
    for (Section.Part part : excerpt.parts()) {
      out.append(part.label()).append(":\n\n<pre>");
      out.append(escaped(part.text())).append("</pre>\n\n");
    }
    out.append("</details>\n");
  }

  private static void append(StringBuilder out, Table table) {
    appendRow(out, table.header());
    appendRow(out, table.header().stream().map(title -> "---").toList());
    table.rows().forEach(row -> appendRow(out, row));
  }

  private static void appendRow(StringBuilder out, List<String> cells) {
    out.append('|');
    for (String cell : cells) {
      out.append(' ').append(escaped(cell)).append(" |");
    }
    out.append('\n');
  }

  /** Text of data must neither end a cell nor become HTML. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("|", "\\|")
        .replace("\n", "<br>");
  }
}
