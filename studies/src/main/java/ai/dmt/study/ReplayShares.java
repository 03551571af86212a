package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a share k means: how much of DMT's last stage is specialized data, in rows and in the label
 * tokens that the loss is over, beside the rows of the paper's stage with the same k.
 */
final class ReplayShares {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double PAPER_SPECIALIZED = 130_164; // rows of math and code: its Table 2
  private static final double PAPER_GENERAL = 86_060;

  private final StudyFolder folder;
  private final ResultView view;

  ReplayShares(StudyFolder folder, ResultView view) {
    this.folder = folder;
    this.view = view;
  }

  /** Without rows where the sweep was not asked for. */
  Table table() throws IOException {
    List<String> general = new ArrayList<>();
    view.json().path("general").forEach(name -> general.add(name.asText()));
    List<List<String>> rows = new ArrayList<>();
    for (String group : view.groups(StudyQuestion.DMT_K)) {
      JsonNode cell = view.cells(group).get(0);
      JsonNode stages = cell.path("stages");
      JsonNode last = stages.path(stages.size() - 1);
      double k = cell.path("k").asDouble();
      double ofPaper = k * PAPER_SPECIALIZED / (k * PAPER_SPECIALIZED + PAPER_GENERAL);
      rows.add(
          List.of(
              "k = " + Share.text(k),
              ResultTables.samples(last),
              percent(rowShare(last, general)),
              percent(labelShare(last.path("node").asText(), general)),
              percent(ofPaper)));
    }
    return new Table(
        List.of(
            "DMT with",
            "last stage",
            "specialized rows, %",
            "specialized label tokens, %",
            "the paper's rows at this k, %"),
        rows);
  }

  private static double rowShare(JsonNode stage, List<String> general) {
    double all = 0;
    double specialized = 0;
    for (var source : stage.path("samples").properties()) {
      all += source.getValue().asDouble();
      specialized += general.contains(source.getKey()) ? 0 : source.getValue().asDouble();
    }
    return specialized / all;
  }

  /** NaN where the node has no ledger. */
  private double labelShare(String node, List<String> general) throws IOException {
    Path ledger = folder.node(node).resolve("ledger.json");
    if (!Files.exists(ledger)) {
      return Double.NaN;
    }
    double all = 0;
    double specialized = 0;
    for (JsonNode entry : JSON.readTree(Files.readString(ledger)).path("entries")) {
      double tokens = entry.at("/realised/label_tokens").asDouble();
      all += tokens;
      specialized += general.contains(entry.path("source").asText()) ? 0 : tokens;
    }
    return specialized / all;
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? EffectText.NONE : Units.format("%.2f", 100 * share);
  }
}
