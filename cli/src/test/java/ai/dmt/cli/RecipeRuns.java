package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs of a recipe, whose outputs lie beside it: in this process, or in processes that can be
 * killed.
 */
final class RecipeRuns implements AutoCloseable {
  private final Path recipe;
  private RankRun run; // null until one is started

  RecipeRuns(Path recipe) {
    this.recipe = recipe;
  }

  Path out(String name) {
    return recipe.resolveSibling(name);
  }

  /** Trains in this process. @param more words, such as settings */
  Dmt train(String output, List<?> more) {
    return Dmt.run(words(output, more).toArray());
  }

  /** Starts a run in processes of its own. @param more words, such as settings */
  RankRun start(int ranks, String output, List<?> more) throws IOException {
    return start(List.of(), ranks, output, more);
  }

  /** The same. @param before words before dmt */
  RankRun start(List<String> before, int ranks, String output, List<?> more) throws IOException {
    List<String> train = words(output, more);
    List<String> options = List.of("--nproc=" + ranks, "--log-dir=" + out("logs"));
    run = RankRun.start(out("log"), before, ranks == 1 ? train : RankRun.launch(options, train));
    return run;
  }

  private List<String> words(String output, List<?> more) {
    List<String> words = new ArrayList<>(List.of("train", recipe.toString()));
    words.addAll(List.of("--output", out(output).toString()));
    more.forEach(each -> words.add(each.toString()));
    return words;
  }

  /** Kills all processes once a checkpoint of this step, or of a later one, is complete. */
  void killAfterCheckpoint(String output, long step) throws Exception {
    CheckpointFolder checkpoints = CheckpointFolder.of(out(output));
    while (checkpoints.steps().stream().noneMatch(each -> each >= step)) {
      assertTrue(run.process().isAlive(), run.log());
      Thread.sleep(5);
    }
    run.close();
    run.process().waitFor();
  }

  void assertSameFiles(String one, String other, String... files) throws IOException {
    for (String file : files) {
      assertArrayEquals(
          Files.readAllBytes(out(one).resolve(file)),
          Files.readAllBytes(out(other).resolve(file)),
          file);
    }
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
    }
  }
}
