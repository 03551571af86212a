package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Advice on a tiny random model: 18 samples of each source to train on, 2 held out. */
@Tag("native")
@Timeout(300)
class AdviseCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path preset;
  private Path output;

  @BeforeEach
  void writePreset() throws IOException {
    preset = MiniStudy.write(folder, List.of("code", "math", "general"), "dmt_k: [0]");
    output = folder.resolve("out");
  }

  private Dmt advise(Object... more) {
    List<Object> words =
        new ArrayList<>(List.of("advise", preset, "--output", output, "--tokens", 4000));
    words.addAll(Arrays.asList(more));
    return Dmt.run(words.toArray());
  }

  private long nodes() throws IOException {
    Path nodes = output.resolve("runs/nodes");
    if (!Files.exists(nodes)) {
      return 0;
    }
    try (Stream<Path> all = Files.list(nodes)) {
      return all.count();
    }
  }

  @Test
  void whatIsAdvisedIsARecipeThatTrains() throws IOException {
    String said = advise("--budget", "5x", "--jobs", 1, "--learning-rate").succeeds();
    for (String part :
        List.of(
            "47 candidates of 4,000 tokens", "advised: ", "epochs of each", "learning rate: ")) {
      assertTrue(said.contains(part), said);
    }
    JsonNode advice = JSON.readTree(output.resolve("advice.json").toFile());
    assertEquals(47, advice.path("candidates").asInt());
    assertTrue(advice.path("cost_in_whole_runs").asDouble() <= 5, advice::toString);
    JsonNode rates = advice.path("learning_rate").path("tried");
    assertTrue(rates.size() >= 3, rates::toString);
    assertNotEquals(
        rates.get(0).path("held_out"), rates.get(1).path("held_out"), "other rates, other losses");
    JsonNode best = advice.path("recommended");
    double shares = 0;
    for (JsonNode share : best.path("shares")) {
      shares += share.asDouble();
    }
    assertEquals(1, shares, 1e-9, best::toString);
    String page = Files.readString(output.resolve("report.html"));
    for (String title : List.of("What to do", "If other abilities counted", "How far to trust")) {
      assertTrue(page.contains(title), title);
    }
    double factor = advice.path("learning_rate").path("factor").asDouble();
    Recipe recipe =
        RecipeReader.parse(Files.readString(output.resolve("recipe.yaml")), "recipe", List.of());
    assertEquals(1e-3 * factor, recipe.training().learningRate(), 1e-5 * factor);
    Path run = folder.resolve("run");
    Dmt.run("train", output.resolve("recipe.yaml"), "output_dir=" + run).succeeds();
    assertTrue(Files.exists(run.resolve("model.safetensors")), run::toString);
  }

  /** A model of random weights writes evenly, and any training takes it away from that. */
  @Test
  void whatTheBaseModelWritesIsMeasuredAndMayBeKept() throws IOException {
    String said =
        advise("--budget", "2x", "--jobs", 1, "--base-text", 4, "--keep", "base>=0.5").succeeds();
    assertTrue(said.contains("of what the base model writes by itself"), said);
    JsonNode advice = JSON.readTree(output.resolve("advice.json").toFile());
    JsonNode base =
        JSON.readTree(output.resolve("runs/results.json").toFile()).at("/base/held_out/base");
    assertTrue(base.asDouble() > 0, base::toString);
    for (JsonNode run : advice.path("runs")) {
      double lost = run.at("/held_out/base").asDouble() - base.asDouble();
      assertTrue(run.path("tokens").asDouble() < 4000 ? lost > -1e-3 : lost > 0, run::toString);
    }
    assertTrue(advice.path("back_tests").has("base"), advice::toString);
    advise("--base-text", 4, "--keep", "basis>=0.5")
        .fails(ExitCode.USAGE, "there is no source \"basis\", only code, math, general, base");
    advise("--budget", "2x", "--base-text", 8).fails(ExitCode.USAGE, "base_text: 4 there, 8 asked");
  }

  /** As init-recipe writes it, who knows of no abilities. */
  @Test
  void sourcesOfOneRoleAreMixedInOneStage() throws IOException {
    advise("--budget", "2x", "--jobs", 1, "sources.code.role=general", "sources.math.role=general")
        .succeeds();
    JsonNode advice = JSON.readTree(output.resolve("advice.json").toFile());
    assertEquals("multi-task", advice.at("/recommended/kind").asText());
  }

  @Test
  void startedAgainItTrainsNothing() throws IOException {
    advise("--budget", "2x", "--jobs", 1).succeeds();
    long nodes = nodes();
    String before = Files.readString(output.resolve("advice.json"));
    advise("--budget", "2x", "--jobs", 1).succeeds();
    assertEquals(nodes, nodes());
    assertEquals(before, Files.readString(output.resolve("advice.json")));
  }

  @Test
  void otherSeedsCompareItWithWhatIsDoneWithoutAdvice() throws IOException {
    String said = advise("--budget", "2x", "--jobs", 1, "--compare", 2).succeeds();
    for (String name : List.of("all-rows", "equal-shares", "mixed-sequential", "dmt-k=1/256")) {
      assertTrue(said.contains(name), said);
    }
    JsonNode results =
        JSON.readTree(output.resolve("comparison/results.json").toFile()).path("cells");
    assertEquals(10, results.size());
    assertFalse(results.toString().contains(" seed 42\""), "the seed that advice was chosen with");
  }

  /** Of a model that solves nothing; one benchmark's problems are away. */
  @Test
  void scoresThatLossesDoNotForetellAreNotPredicted() throws IOException {
    Files.write(
        folder.resolve("problems.jsonl"),
        List.of("{\"question\": \"1 + 1?\", \"answer\": \"#### 31\"}"));
    MiniStudy.write(
        folder,
        List.of("code", "math", "general"),
        "dmt_k: [0]",
        "benchmarks:",
        "  gsm8k: {source: math, problems: problems.jsonl, max_new_tokens: 4}",
        "  humaneval: {source: code, problems: none.jsonl, optional: true}");
    String said = advise("--budget", "2x", "--jobs", 1, "--scores").succeeds();
    assertTrue(said.contains("scores as held-out losses foretell them"), said);
    assertTrue(said.contains("not predicted"), said);
    JsonNode advice = JSON.readTree(output.resolve("advice.json").toFile());
    JsonNode laws = advice.path("score_laws");
    assertEquals(1, laws.size(), laws::toString);
    String title = laws.fieldNames().next();
    assertTrue(title.startsWith("math: gsm8k accuracy"), title);
    assertFalse(laws.path(title).path("holds").asBoolean(), laws::toString);
    for (JsonNode run : advice.path("runs")) {
      assertEquals(0, run.path("scores").path(title).asDouble(1), run::toString);
    }
    assertTrue(Files.readString(output.resolve("report.html")).contains("not predicted"));
  }

  @Test
  void whatIsWrongIsToldBeforeAnythingIsTrained() throws IOException {
    advise("--keep", "maths>=0.9")
        .fails(ExitCode.USAGE, "there is no source \"maths\", only code, math, general");
    advise("--weight", "maths=2").fails(ExitCode.USAGE, "there is no source \"maths\"");
    advise("--keep", "base>=0.9").fails(ExitCode.USAGE, "general; --base-text N adds base");
    advise("5").fails(ExitCode.USAGE, "\"5\" is no setting, expected key.sub=value");
    advise("--keep", "math=0.9").fails(ExitCode.USAGE, "--keep must be SOURCE>=X", "math=0.9");
    advise("--keep", "math>=90").fails(ExitCode.USAGE, "kept of math must be in (0, 1], got 90");
    advise("--weight", "math=-1").fails(ExitCode.USAGE, "weight of math");
    advise("--budget", "soon")
        .fails(ExitCode.USAGE, "--budget must be", "20% (up to 100%), whole", "\"soon\"");
    advise("--budget", "200%").fails(ExitCode.USAGE, "--budget must be", "\"200%\"");
    Dmt.run("advise", preset, "--output", output, "--tokens", 0)
        .fails(ExitCode.USAGE, "--tokens must be positive and finite, got 0");
    advise("--keep", "math").fails(ExitCode.USAGE, "in quotes, as a shell takes > for its own");
    advise("--scores").fails(ExitCode.USAGE, "study mini has no benchmarks");
    advise("--base-text", -1).fails(ExitCode.USAGE, "base_text");
    advise("--compare", -1).fails(ExitCode.USAGE, "--compare");
    advise("--port", 80).fails(ExitCode.USAGE, "--port is for --watch");
    advise("--wait").fails(ExitCode.USAGE, "--wait is for --executor slurm or kubernetes");
    advise("--executor", "slurm", "--jobs", 2)
        .fails(ExitCode.USAGE, "--jobs is for --executor local: a scheduler decides by itself");
    advise("--executor", "slurm", "--job-template", folder.resolve("none.sh"))
        .fails(ExitCode.USAGE, "none.sh is no file");
    assertFalse(Files.exists(output), "nothing was begun");
    advise("--budget", "1x").fails(ExitCode.USAGE, "advice needs at least 2");
    advise("data.eval_fraction=0")
        .fails(ExitCode.USAGE, "there are no held-out samples of code, math, general");
    assertEquals(0, nodes());
  }
}
