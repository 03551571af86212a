package ai.dmt.evaluators.transfer;

import ai.dmt.evaluators.TextTable;
import ai.dmt.evaluators.comparison.ComparisonTable;
import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoreComparison.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Transfer as text: shares in percent, points as they are. */
final class TransferTable {
  private TransferTable() {}

  static String text(StageTransfer transfer) {
    StringBuilder text = new StringBuilder("scores by stage; * after the stage that trained it\n");
    text.append(matrix(transfer));
    add("backward transfer", transfer.backward(), text);
    for (MeanTransfer mean : transfer.means()) {
      text.append(
          "mean of %s: %s over %s\n"
              .formatted(
                  mean.scale(),
                  ComparisonTable.number(mean.mean(), mean.unit()),
                  String.join("; ", mean.scores())));
    }
    add("conflict with the model of one source", transfer.conflict(), text);
    List<ScoreComparison> all =
        Stream.concat(transfer.backward().stream(), transfer.conflict().stream()).toList();
    if (!all.isEmpty()) {
      text.append('\n').append(ComparisonTable.legend(transfer.tests()));
    }
    return text.append(ComparisonTable.notes(all)).toString();
  }

  private static void add(String head, List<ScoreComparison> rows, StringBuilder text) {
    if (!rows.isEmpty()) {
      text.append('\n').append(head).append('\n');
      text.append(
          ComparisonTable.rows(
              rows, "models", row -> row.baseline().model() + " to " + row.other().model()));
    }
  }

  private static String matrix(StageTransfer transfer) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("stage"));
    transfer.columns().forEach(column -> head.add(column.title()));
    rows.add(head);
    for (int stage = 0; stage < transfer.stages().size(); stage++) {
      String name = transfer.stages().get(stage);
      List<String> row = new ArrayList<>(List.of(name));
      for (StageColumn column : transfer.columns()) {
        row.add(cell(column.cells().get(stage), column.unit(), name.equals(column.trainedBy())));
      }
      rows.add(row);
    }
    return TextTable.of(rows, 1);
  }

  private static String cell(StageColumn.@Nullable Cell cell, Unit unit, boolean trained) {
    return cell == null ? "" : ComparisonTable.number(cell.score(), unit) + (trained ? "*" : " ");
  }
}
