package ai.dmt.report;

import java.util.List;
import java.util.stream.Collectors;

/** A table as RFC 4180 has it. */
final class Csv {
  private Csv() {}

  static String of(Table table) {
    StringBuilder out = new StringBuilder();
    append(out, table.header());
    table.rows().forEach(row -> append(out, row));
    return out.toString();
  }

  private static void append(StringBuilder out, List<String> cells) {
    out.append(cells.stream().map(Csv::quoted).collect(Collectors.joining(","))).append("\r\n");
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
