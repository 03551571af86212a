package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.TinyModel;
import ai.dmt.engine.StepMetrics;
import ai.dmt.provenance.CardScore;
import ai.dmt.provenance.ModelCard;
import ai.dmt.recipe.ReportTo;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.tensorboard.ReadEvents;
import ai.dmt.train.Progress;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

/** The events of real runs. */
@Tag("native")
@Timeout(120)
class TensorBoardLogTest {
  private static final long STAGE = 5; // 20 samples by 4
  private static final List<Long> ALL = LongStream.rangeClosed(1, 2 * STAGE).boxed().toList();

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
  }

  private Path source(String name) throws IOException {
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < 25; i++) {
      records.append("{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n".formatted(name, i, i * i));
    }
    return Files.writeString(folder.resolve(name + ".jsonl"), records);
  }

  private FineTuning tuning() throws IOException {
    return FineTuning.of(model)
        .specialized("math", source("math"))
        .general("chat", source("chat"))
        .strategy(StrategyRecipe.mixedSequential())
        .training(
            each ->
                each.withNumTrainEpochs(1)
                    .withGlobalTrainBatchSize(4)
                    .withEvalSteps(3)
                    .withMaxSteps(STAGE))
        .data(each -> each.withCutoffLen(128).withEvalFraction(0.2))
        .output(folder.resolve("out"))
        .build();
  }

  /** Steps by tag, and texts by tag and step. */
  private static Map<String, List<Long>> tags(Path events, Map<String, String> texts)
      throws IOException {
    Map<String, List<Long>> tags = new TreeMap<>();
    for (Event event : ReadEvents.in(events)) {
      for (Summary.Value value : event.getSummary().getValueList()) {
        tags.computeIfAbsent(value.getTag(), tag -> new ArrayList<>()).add(event.getStep());
        if (value.hasTensor()) {
          texts.put(
              value.getTag() + "@" + event.getStep(),
              value.getTensor().getStringVal(0).toStringUtf8());
        }
      }
    }
    return tags;
  }

  /** Ends the run after its fourth and its seventh step. */
  private static final class Stopping implements RunListener {
    private final CompletableFuture<RunHandle> run = new CompletableFuture<>();

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      if (progress.step() == 4 || progress.step() == 7) {
        run.join().stop();
      }
    }
  }

  @Test
  void everyStepOfAStoppedRunIsThereOnceWithItsStages() throws Exception {
    Path own = folder.resolve("own");
    List<String> warnings = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      Stopping stopping = new Stopping();
      FineTuning tuning =
          tuning().withListener(new TensorBoardLog(own, warnings::add)).withListener(stopping);
      RunHandle run = (part == 0 ? tuning : tuning.resuming()).start();
      stopping.run.complete(run);
      run.join();
    }
    Path events = folder.resolve("out/tensorboard");
    Map<String, String> texts = new TreeMap<>();
    Map<String, List<Long>> tags = tags(events, texts);
    for (String tag :
        List.of(
            "train/loss",
            "train/learning_rate",
            "train/grad_norm",
            "train/epoch",
            "train/stage",
            "speed/tokens_per_s",
            "speed/label_tokens_per_s",
            "memory/held_bytes")) {
      assertEquals(ALL, tags.get(tag), tag);
    }
    assertEquals(ALL.subList(0, 5), tags.get("train/loss/math"));
    assertEquals(ALL.subList(5, 10), tags.get("train/loss/chat"));
    for (String tag : List.of("eval/loss", "eval/loss/math", "eval/loss/chat")) {
      assertEquals(List.of(0L, 3L, 4L, 5L, 6L, 7L, 9L, 10L), tags.get(tag), tag);
    }
    assertEquals(List.of(1L, 6L), tags.get("stage"));
    assertTrue(texts.get("stage@6").startsWith("**stage 2: general**"), () -> texts.get("stage@6"));
    assertTrue(texts.get("samples/math@0").contains("math "), texts::toString);
    assertTrue(texts.get("recipe@0").contains("    strategy:"), texts::toString);
    assertEquals(List.of(), warnings);
    tags.keySet().removeIf(tag -> tag.equals("recipe") || tag.startsWith("samples/"));
    assertEquals(tags, tags(own, texts)); // the recipe's and a listener's
    scoresAreThereOnce();
    tensorBoardReadsThem(folder.resolve("out"));
  }

  private void scoresAreThereOnce() throws IOException {
    Path run = folder.resolve("out");
    List<Path> stages = RunFolder.stages(run);
    for (int times = 0; times < 2; times++) {
      for (Path stage : stages) {
        ModelCard.addScores(
            stage, List.of(new CardScore("gsm8k", "accuracy (openai)", 0.25, null, null, 4L)));
      }
      TensorBoardLog.writeScores(run, line -> assertEquals("", line));
    }
    assertEquals(
        Map.of("eval/gsm8k/accuracy (openai)", List.of(STAGE, 2 * STAGE)),
        tags(run.resolve("tensorboard/scores"), new TreeMap<>()));
  }

  private static void tensorBoardReadsThem(Path run) throws Exception {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    boolean there =
        new ProcessBuilder(python, "-c", "import tensorboard")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor()
            == 0;
    String reason = "skipped: %s has no tensorboard; set PYTHON to one that has".formatted(python);
    if (!there) {
      System.err.println(reason);
    }
    assumeTrue(there, reason);
    Path script = Path.of("../scripts/check_tensorboard.py");
    Path answer = run.resolve("answer.json");
    Process process =
        new ProcessBuilder(python, script.toString(), run.toString())
            .redirectOutput(answer.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertTrue(process.waitFor(100, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    JsonNode read = new ObjectMapper().readTree(answer.toFile());
    List<Long> steps = new ArrayList<>();
    read.at("/tensorboard/scalars")
        .path("train/loss")
        .forEach(each -> steps.add(each.get(0).asLong()));
    assertEquals(ALL, steps);
    assertEquals(2, read.at("/tensorboard/text").path("stage").size());
    assertEquals(
        2,
        read.path("tensorboard/scores")
            .path("scalars")
            .path("eval/gsm8k/accuracy (openai)")
            .size());
  }

  /** Told before tensorboard is asked for, which may be missing. */
  @Test
  void theScriptSaysInOneLineThatThereIsNoFolder() throws Exception {
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder("python3", "../scripts/check_tensorboard.py", "/no/such/folder")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(1, process.exitValue());
    assertEquals("check_tensorboard: /no/such/folder is no folder\n", Files.readString(said));
  }

  @Test
  void whoWantsNoneGetsNone() throws Exception {
    FineTuning tuning = tuning();
    FineTuning.of(
            tuning.recipe().withTraining(tuning.recipe().training().withReportTo(ReportTo.NONE)))
        .run();
    assertFalse(Files.exists(folder.resolve("out/tensorboard")));
  }
}
