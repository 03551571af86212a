package ai.dmt.provenance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which records of a file have changed, by their sums: what is equal at the beginning and at the
 * end is taken away, and what is left between was changed, put in or taken out.
 */
final class RowChanges {
  private static final int MOST = 5; // records that are named one by one

  private RowChanges() {}

  /** Changes of a file, whose bytes are known to differ. @param recorded sums of its records */
  static List<Change> of(String what, String file, int[] recorded) throws IOException {
    int[] sums = RowSums.sums(Path.of(file));
    int begin = 0;
    while (begin < Math.min(recorded.length, sums.length) && recorded[begin] == sums[begin]) {
      begin++;
    }
    int end = 0;
    while (end < Math.min(recorded.length, sums.length) - begin
        && recorded[recorded.length - 1 - end] == sums[sums.length - 1 - end]) {
      end++;
    }
    int before = recorded.length - begin - end;
    int now = sums.length - begin - end;
    if (before == 0 && now == 0) {
      return List.of(
          new Change(
              what + ": all records", file, "equal", "equal; layout or compression differs"));
    }
    if (before == now) {
      return changed(what, file, recorded, sums, begin, now);
    }
    String first = now == 0 ? "" : ": " + RowSums.rows(Path.of(file), Set.of(begin)).get(begin);
    return List.of(
        new Change(
            "%s: %s".formatted(what, range(begin, Math.max(before, 1))),
            file,
            "%s records here, %s in all".formatted(before, recorded.length),
            "%s records here, %s in all%s".formatted(now, sums.length, first)));
  }

  private static List<Change> changed(
      String what, String file, int[] recorded, int[] sums, int begin, int count)
      throws IOException {
    Set<Integer> named = new TreeSet<>();
    int more = 0;
    for (int r = begin; r < begin + count; r++) {
      if (recorded[r] != sums[r] && named.size() < MOST) {
        named.add(r);
      } else if (recorded[r] != sums[r]) {
        more++;
      }
    }
    List<Change> changes = new ArrayList<>();
    RowSums.rows(Path.of(file), named)
        .forEach(
            (place, row) -> {
              long line = row.origin().line();
              String where = line == place + 1 ? "" : " (line " + line + ")";
              changes.add(
                  new Change(
                      "%s: row %s%s".formatted(what, place + 1, where),
                      file,
                      hex(recorded[place]),
                      row.toString()));
            });
    if (more > 0) {
      changes.add(
          new Change(what + ": other rows", file, "unchanged", more + " more have changed"));
    }
    return changes;
  }

  private static String range(int begin, int count) {
    return count == 1 ? "row " + (begin + 1) : "rows %s to %s".formatted(begin + 1, begin + count);
  }

  static String hex(int sum) {
    return String.format(Locale.ROOT, "%08x", sum);
  }
}
