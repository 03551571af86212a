package ai.dmt.evaluators.gsm8k;

import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the scores of a report do not say: completions without an answer, and quarrels of modes. */
public final class Gsm8kNotes {
  private Gsm8kNotes() {}

  /**
   * {@return lines for people: per mode the completions in which it finds no answer, and for how
   * many completions one mode says correct and another does not}
   *
   * @param report of {@link Gsm8kScorer}
   */
  public static String text(ScoreReport report) {
    Map<String, List<ItemVerdict>> byMode = new LinkedHashMap<>();
    for (ItemVerdict item : report.items()) {
      byMode.computeIfAbsent(item.mode(), mode -> new ArrayList<>()).add(item);
    }
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("completions", "without answer"));
    if (byMode.size() > 1) {
      byMode.keySet().forEach(mode -> head.add("not as " + mode));
    }
    rows.add(head);
    byMode.forEach(
        (mode, items) -> {
          List<String> row = new ArrayList<>(List.of(mode, Long.toString(invalid(items))));
          if (byMode.size() > 1) {
            byMode.values().forEach(others -> row.add(Long.toString(differing(items, others))));
          }
          rows.add(row);
        });
    return TextTable.of(rows, 1);
  }

  private static long invalid(List<ItemVerdict> items) {
    return items.stream().filter(item -> item.verdict().equals(Gsm8kScorer.INVALID)).count();
  }

  /** Every mode has its items in the same order. */
  private static long differing(List<ItemVerdict> some, List<ItemVerdict> others) {
    long count = 0;
    for (int i = 0; i < some.size(); i++) {
      count += some.get(i).solved() != others.get(i).solved() ? 1 : 0;
    }
    return count;
  }
}
