package ai.dmt.plan;

import ai.dmt.internal.text.Units;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of cells under each other. */
final class TextTable {
  private TextTable() {}

  /**
   * Words stand left, numbers right.
   *
   * @param rows the head first, all of one length
   * @param words so many columns are of words, and the last one
   */
  static String of(List<List<String>> rows, int words) {
    int[] widths = new int[rows.get(0).size()];
    rows.forEach(
        row -> {
          for (int c = 0; c < widths.length; c++) {
            widths[c] = Math.max(widths[c], row.get(c).length());
          }
        });
    return rows.stream().map(row -> cells(row, widths, words)).collect(Collectors.joining());
  }

  private static String cells(List<String> row, int[] widths, int words) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      boolean number = c >= words && c < widths.length - 1;
      line.append(Units.format((number ? "%" : "%-") + Math.max(1, widths[c]) + "s  ", row.get(c)));
    }
    return line.toString().stripTrailing() + "\n";
  }
}
