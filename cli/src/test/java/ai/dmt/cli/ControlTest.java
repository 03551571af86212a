package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs that change their mixture. What is held out of math begins like its answers and goes on
 * otherwise, so that its loss falls first and rises then.
 */
@Tag("native")
@Timeout(300)
class ControlTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is asked for. */
  enum Control {
    STOP(
        "control={stop: per_source}",
        "strategy={name: multi-task}",
        "training.num_train_epochs=16",
        "training.eval_steps=12",
        "training.save_steps=6"),
    ADAPT("control={replay: adaptive, replay_min_k: 0.05, replay_max_k: 0.8, replay_tolerance: 0}");

    private final String[] words;

    Control(String... words) {
      this.words = words;
    }
  }

  @TempDir private Path folder;
  private RecipeRuns runs;

  @BeforeEach
  void writeRecipe() throws IOException {
    Path recipe =
        Files.write(
            folder.resolve("r.yaml"),
            List.of(
                "model: " + TinyModel.write(folder.resolve("model")),
                "sources:",
                source("code", "specialized", "5 6 7 8", "5 6 7 8"),
                source("math", "specialized", "1 2 3 4", "1 2 9 9"),
                source("general", "general", "yes and no", "yes and no"),
                "strategy: {name: dmt, k: 0.2}",
                "data: {cutoff_len: 512}",
                "training: {num_train_epochs: 4, global_train_batch_size: 6, learning_rate: 1e-2,"
                    + " eval_steps: 4, save_steps: 2, save_total_limit: 1}",
                "engine: {threads: 1}"));
    runs = new RecipeRuns(recipe);
  }

  private String source(String name, String role, String answer, String heldOut)
      throws IOException {
    return "  %s: {role: %s, files: [%s], held_out: [%s]}"
        .formatted(
            name,
            role,
            rows(name + ".jsonl", name, 24, answer),
            rows(name + "_held_out.jsonl", name + " again", 4, heldOut));
  }

  private Path rows(String file, String question, int rows, String answer) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      lines.append(
          "{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n".formatted(question, i, answer));
    }
    return Files.writeString(folder.resolve(file), lines);
  }

  @AfterEach
  void endProcesses() {
    runs.close();
  }

  private Path out(String name) {
    return runs.out(name);
  }

  private Dmt train(String output, Control control, String... more) {
    return runs.train(output, words(control, more));
  }

  private static List<String> words(Control control, String... more) {
    List<String> words = new ArrayList<>(List.of(control.words));
    words.addAll(List.of(more));
    return words;
  }

  /** All lines without what the clock and the machine say. */
  private List<JsonNode> metrics(String output) throws IOException {
    List<JsonNode> lines = MetricsLines.read(out(output));
    lines.forEach(
        line ->
            ((ObjectNode) line)
                .remove(
                    List.of(
                        "step_ms",
                        "tokens_per_s",
                        "label_tokens_per_s",
                        "resident_bytes",
                        "gpu_bytes")));
    return lines;
  }

  private List<String> decisions(String output) throws IOException {
    return metrics(output).stream()
        .filter(line -> line.path("type").asText().equals("decision"))
        .map(
            line ->
                "%s %s %s@%s after %s"
                    .formatted(
                        line.path("stage").asText(),
                        line.path("source").asText(),
                        line.path("share").asDouble(),
                        line.path("step").asLong(),
                        line.path("decided_step").asLong()))
        .toList();
  }

  private String decisionsOf(String output) {
    try {
      return decisions(output).toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void aSourceThatOverfitsIsDroppedAtItsBest() throws IOException {
    String said = train("run", Control.STOP).succeeds();
    List<JsonNode> lines = metrics("run");
    List<String> decisions = decisions("run");
    assertFalse(decisions.isEmpty(), said);
    JsonNode first =
        lines.stream()
            .filter(line -> line.path("type").asText().equals("decision"))
            .findFirst()
            .orElseThrow();
    String source = first.path("source").asText();
    assertEquals("math", source);
    assertTrue(said.contains("source " + source + " leaves stage "), said);
    double best = Double.NaN;
    double least = Double.POSITIVE_INFINITY;
    long labels = 0;
    for (JsonNode line : lines) {
      boolean stage = line.path("stage").equals(first.path("stage"));
      boolean later = line.path("step").asLong() > first.path("step").asLong();
      JsonNode loss = line.path("sources").path(source);
      if (stage && line.path("type").asText().equals("evaluation") && !later) {
        best = loss.path("loss").asDouble();
        least = Math.min(least, best);
      }
      if (stage && line.path("type").asText().equals("step") && later) {
        labels += loss.path("label_tokens").asLong();
      }
    }
    assertEquals(least, best, "the step that it goes back to has the lowest loss");
    assertEquals(0, labels, "nothing of the source is trained on after it");
    JsonNode ledger = JSON.readTree(out("run").resolve("ledger.json").toFile());
    assertEquals(decisions.size(), ledger.path("decisions").size());
    assertEquals(source, ledger.path("decisions").get(0).path("source").asText());
    long last = lines.get(lines.size() - 1).path("step").asLong();
    assertEquals(last, lines.get(lines.size() - 1).path("total_steps").asLong());
    long planned =
        JSON.readTree(Files.readAllLines(out("run/metrics.jsonl")).get(0))
            .path("total_steps")
            .asLong();
    assertTrue(last < planned, "the run is shorter than planned");
    assertTrue(said.contains("done after %s of %s steps".formatted(last, last)), said);
  }

  @ParameterizedTest
  @EnumSource(Control.class)
  void aKilledRunDecidesAndLearnsTheSame(Control control) throws Exception {
    train("whole", control).succeeds();
    long steps = metrics("whole").get(metrics("whole").size() - 1).path("step").asLong();
    runs.start(1, "killed", words(control));
    runs.killAfterCheckpoint("killed", 2);
    runs.start(1, "killed", words(control, "--resume", "auto"));
    runs.killAfterCheckpoint("killed", steps * 2 / 3);
    train("killed", control, "--resume", "auto").succeeds();
    assertFalse(decisions("whole").isEmpty());
    assertEquals(metrics("whole"), metrics("killed"));
    runs.assertSameFiles("whole", "killed", "model.safetensors", "ledger.json");
  }

  @ParameterizedTest
  @EnumSource(Control.class)
  void twoRanksDecideAsOne(Control control) throws Exception {
    train("one", control).succeeds();
    RankRun run = runs.start(2, "two", words(control));
    assertEquals(ExitCode.OK, run.exitCode(280), run.log());
    assertFalse(decisions("one").isEmpty());
    assertEquals(decisions("one"), decisions("two"));
  }

  @Test
  void sharesChangeAndStepsDoNot() throws IOException {
    train("fixed", Control.ADAPT, "control=null").succeeds();
    train("adaptive", Control.ADAPT).succeeds();
    assertEquals(List.of(), decisions("fixed"));
    assertFalse(decisions("adaptive").isEmpty());
    assertTrue(decisions("adaptive").stream().allMatch(each -> each.startsWith("general ")));
    assertTrue(
        decisions("adaptive").stream().anyMatch(each -> each.contains(" 0.4@")),
        () -> "what is forgotten is replayed more: " + decisionsOf("adaptive"));
    List<JsonNode> fixed = metrics("fixed");
    List<JsonNode> adaptive = metrics("adaptive");
    assertEquals(
        fixed.get(fixed.size() - 1).path("step"), adaptive.get(adaptive.size() - 1).path("step"));
  }

  @Test
  void badSettingsAreNamed() throws IOException {
    train("out", Control.STOP, "training.eval_steps=0")
        .fails(ExitCode.USAGE, "set training.eval_steps, which is 0");
    train("out", Control.STOP, "training.save_steps=5")
        .fails(ExitCode.USAGE, "training.save_steps must divide training.eval_steps=12, got 5");
    train("out", Control.STOP, "~sources.code.held_out", "data.eval_fraction=0")
        .fails(ExitCode.USAGE, "control: source \"code\" has no held-out samples to decide by");
    train("out", Control.ADAPT, "strategy={name: multi-task}")
        .fails(ExitCode.USAGE, "no stage replays a source of an earlier one");
    train("out", Control.ADAPT, "control.replay_max_k=0.1")
        .fails(ExitCode.USAGE, "begins with 0.2 of source \"code\"");
    train("out", Control.STOP, "control.replay=adaptive")
        .fails(ExitCode.USAGE, "stop=per_source and replay=adaptive exclude each other");
    train("out", Control.STOP, "control.stop_patience=0")
        .fails(ExitCode.USAGE, "stop_patience must be positive, got 0");
  }
}
