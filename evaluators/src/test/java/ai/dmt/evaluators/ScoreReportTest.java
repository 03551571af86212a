package ai.dmt.evaluators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreReportTest {
  private static final ScoreReport REPORT =
      new ScoreReport(
          "gsm8k",
          "1",
          "00ff",
          List.of(
              new Score("accuracy", "openai", 1L, 2L, 0.5, new Interval(0.25, 0.75)),
              new Score("pass@1", null, null, 2L, 1.0, null)),
          List.of(
              new ItemVerdict("0", "openai", null, "correct", null),
              new ItemVerdict("HumanEval/1", null, 3, "failed: NameError", null)));

  @TempDir private Path folder;

  @Test
  void fileHasNoNullsAndNumbersAsIds() throws IOException {
    Path file = folder.resolve("r.json");
    REPORT.write(file);
    assertEquals(
        """
        {"benchmark":"gsm8k","version":"1","problems":"00ff","scores":[\
        {"name":"accuracy","mode":"openai","correct":1,"total":2,"score":0.5,"interval":[0.25,0.75]},\
        {"name":"pass@1","total":2,"score":1.0}],"items":[\
        {"id":0,"mode":"openai","verdict":"correct"},\
        {"id":"HumanEval/1","sample":3,"verdict":"failed: NameError"}]}
        """,
        Files.readString(file));
    assertEquals(REPORT, ScoreReport.read(file));
  }

  @Test
  void writingReplacesAndLeavesNothingBehind() throws IOException {
    Path file = Files.writeString(folder.resolve("r.json"), "old");
    REPORT.write(file);
    assertEquals(REPORT, ScoreReport.read(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
    Path nowhere = file.resolve("r.json"); // a file is no folder
    assertTrue(
        assertThrows(UncheckedIOException.class, () -> REPORT.write(nowhere))
            .getMessage()
            .startsWith(nowhere + " cannot be written"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"version\": \"1\"               | \"version\": \"1\", \"more\": 1 | more: unknown key",
        "\"version\": \"1\"               | \"problems\": \"1\"      | \"version\" is missing",
        "\"score\": 0.5                   | \"score\": \"0.5\"       | scores[0].score: ",
        "\"score\": 0.5                   | \"correct\": 2           | scores[0].score: ",
        "[0.25, 0.75]                     | [0.75, 0.25]             | scores[0].interval.high: an interval needs",
        "[0.25, 0.75]                     | [0.25]                   | scores[0].interval",
        "\"id\": 0                        | \"id\": 0, \"ids\": 0 | items[0].ids: unknown key",
        "\"correct\": 1                   | \"correct\": 3           | scores[0]: the score \"a\" counts 3",
        "}]}                              | }]                       | malformed JSON",
        "{\"id\": 0, \"verdict\": \"correct\"} | null              | \"items\" holds null",
        "\"items\" | \"items\": [], \"i\" | i: unknown key",
      })
  void faultsNameFileLineAndKey(String from, String to, String message) throws IOException {
    String json =
        """
        {"benchmark": "b", "version": "1",
         "scores": [{"name": "a", "correct": 1, "total": 2, "score": 0.5, "interval": [0.25, 0.75]}],
         "items": [{"id": 0, "verdict": "correct"}]}
        """;
    Path file = Files.writeString(folder.resolve("r.json"), json);
    assertEquals("0", ScoreReport.read(file).items().get(0).id());
    assertTrue(json.contains(from), from);
    Files.writeString(file, json.replace(from, to));
    String said = assertThrows(DataException.class, () -> ScoreReport.read(file)).getMessage();
    assertTrue(said.matches("(?s)\\Q" + file + "\\E:\\d+: .*") && said.contains(message), said);
  }

  @Test
  void tableShowsSharesInPercentAndPointsAsTheyAre() {
    assertEquals(
        """
        gsm8k     mode       score   95 % interval  solved  of
        accuracy  openai   50.00 %  25.00 to 75.00       1   2
        pass@1            100.00 %                           2
        """,
        REPORT.table());
    ScoreReport points =
        new ScoreReport(
            "mtbench",
            "1",
            List.of(new Score("average", null, null, 160L, 6.1, new Interval(5.5, 6.75))),
            List.of(new ItemVerdict("81", null, null, "rated", 6.0)));
    assertEquals(
        """
        mtbench  score  95 % interval   of
        average   6.10   5.50 to 6.75  160
        """,
        points.table());
  }

  @Test
  void fingerprintsDependOnBordersAndOrder() {
    String ab = new Fingerprint().add("a").add("b").text();
    assertTrue(ab.matches("[0-9a-f]{16}"), ab);
    assertEquals(ab, new Fingerprint().add("a").add("b").text());
    for (Fingerprint other :
        List.of(new Fingerprint().add("ab"), new Fingerprint().add("b").add("a"))) {
      assertTrue(!ab.equals(other.text()));
    }
  }
}
