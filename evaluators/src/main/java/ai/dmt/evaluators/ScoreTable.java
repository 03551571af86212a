package ai.dmt.evaluators;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Scores in columns; those that no score fills are left out. */
final class ScoreTable {
  private ScoreTable() {}

  static String text(ScoreReport report) {
    boolean modes = report.scores().stream().map(Score::mode).anyMatch(Objects::nonNull);
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(report.benchmark()));
    if (modes) {
      head.add("mode");
    }
    head.addAll(List.of("score", "95 % interval", "solved", "of"));
    rows.add(head);
    for (Score score : report.scores()) {
      List<String> row = new ArrayList<>(List.of(score.name()));
      if (modes) {
        row.add(score.mode() == null ? "" : score.mode());
      }
      row.add(number(score.score(), report.inPoints()) + (report.inPoints() ? "" : " %"));
      row.add(interval(score.interval(), report.inPoints()));
      row.add(score.correct() == null ? "" : score.correct().toString());
      row.add(score.total() == null ? "" : score.total().toString());
      rows.add(row);
    }
    return TextTable.of(rows, modes ? 2 : 1);
  }

  private static String interval(@Nullable Interval interval, boolean points) {
    return interval == null
        ? ""
        : number(interval.low(), points) + " to " + number(interval.high(), points);
  }

  private static String number(double score, boolean points) {
    return String.format(Locale.ROOT, "%.2f", points ? score : 100 * score);
  }
}
