package ai.dmt.evaluators.comparison;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.TextTable;
import ai.dmt.evaluators.comparison.ScoreComparison.Paired;
import ai.dmt.evaluators.comparison.ScoreComparison.Side;
import ai.dmt.evaluators.comparison.ScoreComparison.Unit;
import ai.dmt.evaluators.statistics.PairedBootstrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Comparisons as text: shares in percent, points as they are. */
public final class ComparisonTable {
  private static final double SMALLEST_SHOWN = 0.0001;

  private ComparisonTable() {}

  static String text(Comparison comparison) {
    List<ScoreComparison> rows = comparison.comparisons();
    StringBuilder text = new StringBuilder();
    text.append("baseline: ").append(rows.get(0).baseline().model()).append('\n');
    text.append(rows(rows, "model", each -> each.other().model()));
    return text.append('\n').append(legend(comparison.tests())).append(notes(rows)).toString();
  }

  /**
   * {@return what the columns mean, as lines of text}
   *
   * @param tests how many p-values the correction is over
   */
  public static String legend(int tests) {
    return String.format(
        Locale.ROOT,
        """
        difference: to minus from; + and -: problems where it is higher and lower; intervals are 95 %%
        p: exact McNemar where each problem has one verdict, else paired bootstrap over problems
           (%,d resamples, seed %d); Holm: p corrected for the %d tests of this call
        """,
        PairedBootstrap.RESAMPLES,
        ScorePair.SEED,
        tests);
  }

  /**
   * {@return what is to be known of some of the lines, each note once on a line; empty if there is
   * nothing}
   *
   * @param comparisons in the order of the lines
   */
  public static String notes(List<ScoreComparison> comparisons) {
    return comparisons.stream()
        .filter(each -> each.note() != null)
        .map(each -> "%s, %s: %s\n".formatted(each.title(), each.other().model(), each.note()))
        .distinct()
        .collect(Collectors.joining());
  }

  /**
   * {@return the comparisons as a table, a line each}
   *
   * @param comparisons in the order of the lines
   * @param head of the column that says which models are compared
   * @param models what it says
   */
  public static String rows(
      List<ScoreComparison> comparisons, String head, Function<ScoreComparison, String> models) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("score", head, "from", "to", "difference", "p", "Holm", "+", "-", "of"));
    comparisons.forEach(each -> rows.add(row(each, models.apply(each))));
    return TextTable.of(rows, 2);
  }

  private static List<String> row(ScoreComparison each, String models) {
    List<String> row =
        new ArrayList<>(
            List.of(
                each.title(),
                models,
                side(each.baseline(), each.unit()),
                side(each.other(), each.unit())));
    Paired paired = each.paired();
    String difference = signed(each.difference(), each.unit());
    if (paired == null) {
      row.addAll(List.of(difference, "", "", "", "", ""));
      return row;
    }
    row.add(difference + " " + interval(paired.interval(), each.unit()));
    row.add(pValue(paired.pValue()));
    row.add(paired.adjusted() == null ? "" : pValue(paired.adjusted()));
    row.add(Integer.toString(paired.higher().size()));
    row.add(Integer.toString(paired.lower().size()));
    row.add(Integer.toString(paired.problems()));
    return row;
  }

  static String flips(List<ScoreComparison> comparisons) {
    StringBuilder text = new StringBuilder();
    for (ScoreComparison each : comparisons) {
      if (each.paired() != null) {
        text.append("\n%s, %s\n".formatted(each.title(), each.other().model()));
        text.append(ids("higher", each.paired().higher()));
        text.append(ids("lower", each.paired().lower()));
      }
    }
    return text.toString();
  }

  private static String ids(String word, List<String> ids) {
    return "  %s (%s): %s".formatted(word, ids.size(), String.join(", ", ids)).stripTrailing()
        + "\n";
  }

  private static String side(Side side, Unit unit) {
    String score = number(side.score(), unit);
    return side.interval() == null ? score : score + " " + interval(side.interval(), unit);
  }

  private static String interval(Interval interval, Unit unit) {
    return "(%s to %s)".formatted(number(interval.low(), unit), number(interval.high(), unit));
  }

  private static String signed(double value, Unit unit) {
    return (value > 0 ? "+" : "") + number(value, unit);
  }

  /**
   * {@return a share in percent with two decimals, or points with three}
   *
   * @param value a share in [0, 1], or points
   * @param unit which of them it is
   */
  public static String number(double value, Unit unit) {
    return unit == Unit.SHARE
        ? String.format(Locale.ROOT, "%.2f", 100 * value)
        : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String pValue(double value) {
    return value < SMALLEST_SHOWN ? "<0.0001" : String.format(Locale.ROOT, "%.4f", value);
  }
}
