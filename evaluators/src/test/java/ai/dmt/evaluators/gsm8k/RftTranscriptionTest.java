package ai.dmt.evaluators.gsm8k;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.rft.RftData;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The answers that are kept beside those of scripts/rft_rules.py, which knows nothing of this
 * module: of outputs of real models, and of the same with changes that the rules look at.
 */
class RftTranscriptionTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PROBLEMS = 60;
  private static final int VARIANTS = 4;

  /** What is put in place of a piece of a text. */
  private static final List<List<String>> CHANGES =
      List.of(
          List.of("She", "The girl"),
          List.of(" so ", " and therefore "),
          List.of("<<", "<< "),
          List.of("=", " = "),
          List.of("*", " * "),
          List.of("<<", "<<0+"),
          List.of(">>", "=1>>"),
          List.of(">>", "0>>"),
          List.of(">>", ".0>>"),
          List.of("<<", "<<("),
          List.of("*", "**"),
          List.of("/", "//"),
          List.of("a", "\u00e4\ud83d\ude00"),
          List.of("#### ", "#### -"),
          List.of(".", "!"));

  @TempDir private Path folder;

  @Test
  void keptAnswersAreTheTranscriptions() throws Exception {
    List<Gsm8kProblem> all = StoredOutputs.problems();
    List<Gsm8kProblem> problems = all.subList(0, PROBLEMS);
    Path file = folder.resolve("problems.jsonl");
    JsonLines.write(
        file,
        problems.stream()
            .map(each -> node("question", each.question()).put("answer", each.answer()))
            .toList());
    Path samples = folder.resolve("samples.jsonl");
    JsonLines.write(samples, samples(problems));

    RftData data = new RftData(problems);
    data.add(samples);
    Path ours = folder.resolve("rft.jsonl");
    RftData.Report report = data.write(ours);

    assertEquals(
        JsonLines.read(transcription(file, samples), line -> line.node()),
        JsonLines.read(ours, line -> line.node()));
    assertTrue(report.counts().wrong() > PROBLEMS, report::table);
    assertTrue(report.counts().broken() > 20, report::table);
    assertTrue(report.counts().repeated() > PROBLEMS, report::table);
    assertTrue(report.counts().kept() > PROBLEMS, report::table);
    assertEquals(Files.readAllLines(ours).size(), report.rows());
  }

  private static List<ObjectNode> samples(List<Gsm8kProblem> problems) {
    List<List<String>> models = new ArrayList<>();
    StoredOutputs.OPENAI.forEach(key -> models.add(StoredOutputs.openAiMarked(key)));
    models.add(StoredOutputs.abel());
    List<ObjectNode> lines = new ArrayList<>();
    Random random = new Random(3);
    for (int p = 0; p < problems.size(); p++) {
      List<String> texts = new ArrayList<>(List.of(problems.get(p).answer()));
      for (List<String> model : models) {
        texts.add(model.get(p));
      }
      for (String text : List.copyOf(texts)) {
        Stream.generate(() -> changed(text, random)).limit(VARIANTS).forEach(texts::add);
      }
      for (String text : texts) {
        lines.add(
            JSON.createObjectNode()
                .put("problem", p)
                .put("sample", lines.size())
                .put("completion", text));
      }
    }
    return lines;
  }

  private static String changed(String text, Random random) {
    String changed = text;
    for (int c = random.nextInt(3); c >= 0; c--) {
      List<String> change = CHANGES.get(random.nextInt(CHANGES.size()));
      int at = changed.indexOf(change.get(0), random.nextInt(changed.length() + 1));
      changed =
          at < 0
              ? changed
              : changed.substring(0, at)
                  + change.get(1)
                  + changed.substring(at + change.get(0).length());
    }
    return changed;
  }

  private static ObjectNode node(String field, String text) {
    return JSON.createObjectNode().put(field, text);
  }

  private Path transcription(Path problems, Path samples) throws Exception {
    Path out = folder.resolve("theirs.jsonl");
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "python3",
                  Path.of("../scripts/rft_rules.py").toAbsolutePath().toString(),
                  problems.toString(),
                  samples.toString())
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      String reason = "skipped: python3 cannot be started: " + e.getMessage();
      System.err.println(reason);
      assumeTrue(false, reason);
      throw new AssertionError(reason);
    }
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "python3 does not end");
    assertEquals(0, process.exitValue(), "python3 failed; its message is on standard error");
    return out;
  }
}
