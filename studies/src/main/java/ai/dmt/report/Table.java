package ai.dmt.report;

import java.util.List;

/**
 * A table of texts; the first column names the rows.
 *
 * @param header one text per column
 * @param rows as wide as the header
 */
public record Table(List<String> header, List<List<String>> rows) {
  /**
   * Copies, and checks that all rows are as wide as the header.
   *
   * @param header one text per column
   * @param rows as wide as the header
   */
  public Table {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "row %s has %s cells, expected %s".formatted(row, row.size(), header.size()));
      }
    }
  }
}
