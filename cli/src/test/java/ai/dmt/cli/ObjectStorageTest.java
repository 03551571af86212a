package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.S3Server;
import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code dmt train --output s3://...}: a machine that is lost, and what is wrong at the beginning.
 */
@Tag("native")
@Timeout(300)
class ObjectStorageTest {
  private static final String PLACE = "s3://models/runs/mine";

  @TempDir private Path folder;
  private S3Server server;
  private Path recipe;
  private RankRun run; // null until it starts

  @BeforeEach
  void start() throws Exception {
    recipe =
        TinyRecipe.write(
            folder,
            120,
            "strategy: {name: mixed-sequential}",
            "data: {cutoff_len: 512, eval_fraction: 0}",
            "training: {num_train_epochs: 4, global_train_batch_size: 6, learning_rate: 1e-3,"
                + " save_steps: 1, logging_steps: 1000}",
            "engine: {threads: 1}");
    server = S3Server.start(Files.createDirectory(folder.resolve("server")), "models");
    server.useHere();
  }

  @AfterEach
  void end() {
    if (run != null) {
      run.close();
    }
    server.close();
    S3Server.forgetHere();
  }

  private List<Object> train(Object output, String work, Object... more) {
    List<Object> words = new ArrayList<>(List.of("train", recipe, "--output", output));
    words.addAll(List.of("--work-dir", folder.resolve(work)));
    words.addAll(Arrays.asList(more));
    return words;
  }

  private Path checkpoints() {
    return server.bucket("models").resolve("runs/mine/checkpoints");
  }

  private static boolean isWhole(Path checkpoint) {
    return Files.exists(checkpoint.resolve("dmt_objects.json"));
  }

  private List<Path> stored() throws IOException {
    if (!Files.isDirectory(checkpoints())) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(checkpoints())) {
      return all.filter(each -> each.getFileName().toString().startsWith("step-")).toList();
    }
  }

  /** Stops the server where a checkpoint has objects and is not whole, beside one that is. */
  private Path stopWithinAnUpload() throws Exception {
    while (true) {
      assertTrue(run.process().isAlive(), run.log());
      if (stored().stream().anyMatch(ObjectStorageTest::isWhole)
          && !stored().stream().allMatch(ObjectStorageTest::isWhole)) {
        RankRun.signal("STOP", server.process().pid());
        for (Path half : stored()) {
          if (!isWhole(half) && stored().stream().anyMatch(ObjectStorageTest::isWhole)) {
            return half;
          }
        }
        RankRun.signal("CONT", server.process().pid());
      }
      Thread.sleep(1);
    }
  }

  private static List<String> losses(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll(".*(\"step\":\\d+),.*?(\"loss\":[^,]*),.*", "$1 $2"))
        .toList();
  }

  @Test
  void aMachineThatIsLostWithinAnUploadIsReplaced() throws Exception {
    List<String> before = new ArrayList<>(List.of("env"));
    server.environment().forEach((name, value) -> before.add(name + "=" + value));
    List<String> words = train(PLACE, "lost").stream().map(Object::toString).toList();
    run = RankRun.start(folder.resolve("log"), before, words);
    Path half = stopWithinAnUpload();
    run.close(); // SIGKILL
    run.process().waitFor();
    RankRun.signal("CONT", server.process().pid());
    String said = Dmt.run(train(PLACE, "new", "--resume", "auto").toArray()).succeeds();
    assertTrue(said.contains("fetched the checkpoint of step "), said);
    assertTrue(said.contains("going on after step "), said);
    Dmt.run("train", recipe, "--output", folder.resolve("whole")).succeeds();
    assertEquals(losses(folder.resolve("whole")), losses(folder.resolve("new")));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(server.bucket("models").resolve("runs/mine/model.safetensors")));
    assertTrue(isWhole(half) || !Files.exists(half.resolve("manifest.json")), half::toString);
    assertFalse(run.log().contains(S3Server.SECRET));
    assertTrue(Files.readString(folder.resolve("new/recipe.yaml")).contains(PLACE));
  }

  @Test
  void aModelInTheStorageIsTrainedAndAnswers() throws Exception {
    String prefix = "base-" + UUID.randomUUID(); // what is fetched is kept, for other tests too
    String there = "s3://models/" + prefix;
    TinyModel.copy(folder.resolve("model"), server.bucket("models").resolve(prefix));
    Dmt trained =
        Dmt.run(
            "train",
            recipe,
            "model=" + there,
            "training.num_train_epochs=1",
            "--output",
            folder.resolve("tuned"));
    trained.succeeds();
    assertTrue(trained.err().contains("dmt: fetching " + there + ", "), trained::toString);
    String described = Files.readString(folder.resolve("tuned/recipe.yaml"));
    assertTrue(described.contains("model: " + there), described);
    Dmt.run("train", recipe, "training.num_train_epochs=1", "--output", folder.resolve("here"))
        .succeeds();
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("here/model.safetensors")),
        Files.readAllBytes(folder.resolve("tuned/model.safetensors")));
    Object[] words = {"generate", "--prompt", "1 + 1?", "--max-new-tokens", 4, "--model"};
    String here = Dmt.run(with(words, folder.resolve("model"))).succeeds();
    Dmt again = Dmt.run(with(words, there));
    assertEquals(here, again.succeeds());
    assertFalse(again.err().contains("fetching"), again::toString);
    String refusal =
        Dmt.run(with(words, "s3://models/" + prefix + "-not"))
            .fails(ExitCode.USAGE, "s3://models/" + prefix + "-not holds no model: ");
    assertEquals(1, refusal.lines().count(), refusal);
  }

  private static Object[] with(Object[] words, Object last) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.add(last);
    return all.toArray();
  }

  @Test
  void whatIsWrongIsOneLine() {
    assertRefused("s3://nothing/x", "there is no such bucket");
    System.setProperty("aws.secretAccessKey", "wrong");
    assertRefused(PLACE, "the server says 403 ");
    server.useHere();
    System.setProperty("aws.endpointUrl", "http://127.0.0.1:1");
    assertRefused(PLACE, "no server answers at its endpoint");
    assertRefused("s3://models", "names no place of a run; expected s3://BUCKET/PREFIX");
    assertRefused("gs://models/x", "expected a folder, or s3://BUCKET/PREFIX");
  }

  private void assertRefused(String output, String expected) {
    String said = Dmt.run(train(output, "untouched").toArray()).fails(ExitCode.USAGE, expected);
    assertEquals(1, said.lines().count(), said);
    assertFalse(Files.exists(folder.resolve("untouched")));
  }
}
