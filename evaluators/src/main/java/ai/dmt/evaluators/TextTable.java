package ai.dmt.evaluators;

import java.util.List;
import java.util.stream.IntStream;

/** Rows of cells as lines of aligned columns. */
public final class TextTable {
  private TextTable() {}

  /**
   * Lays out rows of equal length; columns without any text below the head are left out.
   *
   * @param rows the head, then the others
   * @param words columns from the left whose cells are words; those after them hold numbers
   * @return a line each
   */
  public static String of(List<List<String>> rows, int words) {
    int[] shown =
        IntStream.range(0, rows.get(0).size())
            .filter(c -> rows.stream().skip(1).anyMatch(row -> !row.get(c).isEmpty()))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column : shown) {
        int width = rows.stream().mapToInt(other -> other.get(column).length()).max().orElse(0);
        String padding = " ".repeat(width - row.get(column).length());
        line.append(line.isEmpty() ? "" : "  ");
        line.append(column < words ? row.get(column) + padding : padding + row.get(column));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
