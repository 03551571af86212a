package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the mixtures asked for and what their steps held, from the ledgers of nodes. */
final class MixtureLedger {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudyFolder folder;

  MixtureLedger(StudyFolder folder) {
    this.folder = folder;
  }

  /** A row for each source of each stage of the first seed; a stage that runs share comes once. */
  Table of(ResultView view) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (StudyQuestion question : StudyQuestion.values()) {
      for (String group : view.groups(question)) {
        for (JsonNode stage : view.cells(group).get(0).path("stages")) {
          String node = stage.path("node").asText();
          Path ledger = folder.node(node).resolve("ledger.json");
          if (seen.add(node) && Files.exists(ledger)) {
            JSON.readTree(ledger.toFile())
                .path("entries")
                .forEach(entry -> rows.add(row(group, entry)));
          }
        }
      }
    }
    return new Table(
        List.of(
            "run",
            "stage",
            "source",
            "asked (%)",
            "realised (%)",
            "measure",
            "samples",
            "of samples (%)",
            "of tokens (%)",
            "of label tokens (%)",
            "repeats",
            "cut",
            "dropped"),
        rows);
  }

  private static List<String> row(String group, JsonNode entry) {
    JsonNode realised = entry.path("realised");
    return List.of(
        group,
        entry.path("stage").asText(),
        entry.path("source").asText(),
        percent(entry.path("asked_share")),
        percent(entry.path("realised_share")),
        entry.path("measure").asText(),
        Units.count(realised.path("samples").asLong()),
        percent(realised.path("sample_share")),
        percent(realised.path("token_share")),
        percent(realised.path("label_token_share")),
        Units.count(entry.path("repeats").asLong()),
        Units.count(entry.path("truncated").asLong()),
        Units.count(entry.path("dropped").asLong()));
  }

  private static String percent(JsonNode share) {
    return Units.format("%.2f", 100 * share.asDouble());
  }
}
