package ai.dmt.evaluators.gsm8k;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.SharedFiles;
import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our verdicts beside those of scripts/gsm8k_rules.py, which knows nothing of this module. */
class TranscriptionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Pieces that the rules look at, and their neighbours. */
  private static final List<String> PIECES =
      List.of(
          "####",
          "### ",
          "#### ",
          " ",
          "\n",
          "-",
          "$",
          ".",
          ",",
          "0",
          "7",
          "12",
          "003",
          "A: ",
          "\0",
          "The answer is ",
          "The answer is",
          "x",
          "\r",
          "\u2028",
          "\u0664",
          "[invalid]",
          "1e5",
          "nan");

  @TempDir private Path folder;

  @Test
  void everyVerdictOnStoredAndRandomOutputsIsTheSame() throws Exception {
    List<Gsm8kProblem> problems = StoredOutputs.problems();
    List<List<String>> samples = new ArrayList<>(List.of(StoredOutputs.abel()));
    for (String key : StoredOutputs.OPENAI) {
      samples.add(StoredOutputs.openAi(key));
      samples.add(StoredOutputs.openAiMarked(key));
    }
    Random random = new Random(1);
    for (int s = 0; s < 4; s++) {
      samples.add(problems.stream().map(problem -> randomText(random, problem)).toList());
    }
    List<CompletionRecord> completions =
        samples.stream().flatMap(texts -> StoredOutputs.completions(texts).stream()).toList();

    Set<String> theirs = new TreeSet<>(transcription(completions));
    int votes = samples.size();
    ScoreReport report =
        new Gsm8kScorer(Arrays.asList(Gsm8kMode.values()), Set.of(votes))
            .score(problems, problems, completions, Missing.REFUSED);
    Set<String> ours = new TreeSet<>();
    for (ItemVerdict item : report.items()) {
      ours.add("%s %s %s %s".formatted(item.mode(), item.id(), item.sample(), item.verdict()));
    }
    for (Score score : report.scores()) {
      if (score.name().equals("maj@" + votes)) {
        ours.add("%s %s %s".formatted(score.mode(), score.name(), score.correct()));
      }
    }

    assertEquals(Gsm8kMode.values().length * (problems.size() * votes + 1), ours.size());
    Set<String> oursOnly = new TreeSet<>(ours);
    oursOnly.removeAll(theirs);
    theirs.removeAll(ours);
    assertTrue(oursOnly.isEmpty() && theirs.isEmpty(), () -> oursOnly + " against " + theirs);
  }

  private static String randomText(Random random, Gsm8kProblem problem) {
    StringBuilder text = new StringBuilder();
    int end = 1 + random.nextInt(12);
    for (int i = 0; i < end; i++) {
      text.append(
          random.nextInt(5) == 0
              ? MarkedNumber.first(problem.answer()).orElseThrow()
              : PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  /** Verdicts as "mode id sample verdict", votes as "mode maj@k correct". */
  private List<String> transcription(List<CompletionRecord> completions) throws Exception {
    Path script = Path.of("../scripts/gsm8k_rules.py").toAbsolutePath();
    Path file = folder.resolve("completions.jsonl");
    List<String> lines = new ArrayList<>();
    for (CompletionRecord each : completions) {
      lines.add(
          JSON.createObjectNode()
              .put("id", Integer.parseInt(each.id()))
              .put("completion", each.completion())
              .toString());
    }
    Files.write(file, lines);
    Path out = folder.resolve("verdicts.jsonl");
    Process process =
        start(
            new ProcessBuilder(
                    "python3",
                    script.toString(),
                    SharedFiles.require("data/gsm8k/test.jsonl").toString(),
                    file.toString())
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT));
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "python3 does not end");
    assertEquals(0, process.exitValue(), "python3 failed; its message is on standard error");
    List<String> verdicts = new ArrayList<>();
    for (String line : Files.readAllLines(out)) {
      var node = JSON.readTree(line);
      String mode = node.path("mode").asText();
      verdicts.add(
          node.has("maj")
              ? "%s maj@%s %s".formatted(mode, node.get("maj"), node.get("correct"))
              : "%s %s %s %s"
                  .formatted(
                      mode, node.get("id"), node.get("sample"), node.get("verdict").asText()));
    }
    return verdicts;
  }

  private static Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      String reason = "skipped: python3 cannot be started: " + e.getMessage();
      System.err.println(reason);
      assumeTrue(false, reason);
      throw new AssertionError(reason);
    }
  }
}
