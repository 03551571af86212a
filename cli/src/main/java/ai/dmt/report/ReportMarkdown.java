package ai.dmt.report;

import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.FigureBlock;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import java.util.List;

/** The report as Markdown; figures are links to their PNGs. */
final class ReportMarkdown {
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
    } else if (block instanceof FoldedTable folded) {
      out.append("<details><summary>").append(escaped(folded.summary())).append("</summary>\n\n");
      append(out, folded.table());
      out.append("\n</details>\n");
    } else if (block instanceof FigureBlock figure) {
      Figure drawn = figure.figure();
      out.append("![%s](figures/%s.png)\n\n".formatted(drawn.title(), drawn.id()));
      out.append("**").append(drawn.title()).append(".** ").append(drawn.caption()).append('\n');
    }
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
