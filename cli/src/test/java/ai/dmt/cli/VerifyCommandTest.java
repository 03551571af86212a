package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One run of two stages, of which each test changes one thing. */
@Tag("native")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifyCommandTest {
  private static final String WEIGHTS = "model.safetensors";

  @TempDir private static Path folder;
  private static Path run;
  private Path changed; // by the test that runs
  private Path kept;

  @BeforeAll
  void train() throws IOException {
    Path recipe =
        TinyRecipe.write(
            folder,
            20,
            "data: {cutoff_len: 512, eval_fraction: 0.1}",
            "strategy: {name: mixed-sequential}",
            "training: {num_train_epochs: 1, global_train_batch_size: 12, save_steps: 2}");
    run = folder.resolve("run");
    kept = folder.resolve("kept");
    Dmt.run("train", recipe, "--output", run).succeeds();
  }

  @AfterEach
  void restore() throws IOException {
    if (changed != null) {
      Files.deleteIfExists(changed);
      Files.move(kept, changed);
      changed = null;
    }
  }

  /** Takes a file away, which the test puts back changed or not at all. */
  private Path take(Path file) throws IOException {
    changed = file;
    return Files.move(file, kept, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String changes(Path of) {
    Dmt verify = Dmt.run("verify", of);
    assertEquals(ExitCode.FAILED, verify.exitCode(), verify::toString);
    return verify.out();
  }

  private static void says(String out, String... parts) {
    for (String part : parts) {
      assertTrue(out.contains(part), () -> "expected \"" + part + "\" in " + out);
    }
  }

  @Test
  void whatNobodyTouchedIsAsItWasRecorded() {
    String out = Dmt.run("verify", run, run.resolve("stages/1-specialized")).succeeds();
    says(out, "run: as it was recorded; compared recipe, source code, source math", "checkpoint");
    assertFalse(out.contains("recorded "), out);
    Dmt.run("checkpoint", "verify", run).succeeds();
  }

  @Test
  void theCommandsOfTheDocumentRun() throws IOException {
    List<String> commands = ReadmeTest.commands("../docs/provenance.md");
    assertEquals(3, commands.size(), "a run, a model, a study, which StudyTest verifies");
    for (String command : commands.subList(0, 2)) {
      String[] words = command.replace("runs/mine", run.toString()).split("\\s+");
      Dmt.run((Object[]) java.util.Arrays.copyOfRange(words, 1, words.length)).succeeds();
    }
  }

  @Test
  void aChangedRowIsNamedWithItsSourceFileAndNumber() throws IOException {
    Path data = folder.resolve("math.jsonl");
    List<String> rows = Files.readAllLines(take(data));
    rows.set(6, rows.get(6).replace("\"36\"", "\"37\""));
    Files.write(data, rows);
    says(changes(run), data + ": source math: row 7: recorded ", "math 6?\",\"answer\":\"37\"}");
    says(changes(run.resolve("stages/2-general")), data + ": source math: recorded ");
  }

  @Test
  void rowsThatCameOrWentAreCounted() throws IOException {
    Path data = folder.resolve("code.jsonl");
    List<String> rows = Files.readAllLines(take(data));
    rows.remove(3);
    Files.write(data, rows);
    says(
        changes(run), "source code: row 4: recorded 1 records here, 20 in all, now 0 records here");
  }

  @Test
  void anotherLayoutOfTheSameRowsIsSaidToBeThat() throws IOException {
    Path data = folder.resolve("code.jsonl");
    Files.writeString(data, Files.readString(take(data)).replace(", \"answer\"", ",\"answer\""));
    says(changes(run), "source code: all records: recorded equal, now equal; layout");
  }

  @Test
  void anotherTokenizerIsNamed() throws IOException {
    Path config = folder.resolve("model/tokenizer_config.json");
    Path file = Files.exists(config) ? config : folder.resolve("model/tokenizer.model");
    byte[] bytes = Files.readAllBytes(take(file));
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    says(changes(run), file + ": base: recorded ");
  }

  @Test
  void anEditedRecipeIsNamedByKeyWithOldAndNewValue() throws IOException {
    Path recipe = run.resolve("recipe.yaml");
    String text = Files.readString(take(recipe));
    Files.writeString(
        recipe, text.replace("global_train_batch_size: 12", "global_train_batch_size: 6"));
    says(
        changes(run),
        recipe + ": recipe: training.global_train_batch_size: recorded 12, now 6",
        "1 thing has changed");
    Files.writeString(recipe, text.replace("global_train_batch_size", "global_batch"));
    says(changes(run), "recipe: recorded valid, now ", "global_batch");
  }

  @Test
  void aChangedWeightIsNamedWithItsTensor() throws IOException {
    Path weights = run.resolve("stages/1-specialized").resolve(WEIGHTS);
    Files.copy(take(weights), weights);
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(file.length() - 3);
      int old = file.read();
      file.seek(file.length() - 3);
      file.write(old ^ 1);
    }
    says(changes(run), weights + ": stage specialized: tensor ", ", now ");
    says(changes(run.resolve("stages/1-specialized")), weights + ": model: tensor ");
    Path base = folder.resolve("model").resolve(WEIGHTS);
    restore();
    byte[] bytes = Files.readAllBytes(take(base));
    bytes[bytes.length - 1] ^= 1;
    Files.write(base, bytes);
    says(changes(run), base + ": base: tensor ");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    take(run.resolve("stages/2-general/config.json"));
    says(changes(run), "2-general/config.json: stage general: recorded ", "now missing");
    restore();
    take(folder.resolve("general.jsonl"));
    says(changes(run), "general.jsonl: source general: recorded ", "now missing");
  }

  @Test
  void aFolderWithoutARecordIsToldSo() {
    Dmt.run("verify", folder.resolve("model"))
        .fails(ExitCode.USAGE, "has no provenance.json: it is no run", "before dmt recorded");
    Dmt.run("verify", folder.resolve("nowhere")).fails(ExitCode.USAGE, "no such folder");
  }

  @Test
  void theCardHasSharesAndScoresAndStaysAPersonsOnce() throws IOException {
    Path card = run.resolve("stages/2-general/README.md");
    says(
        Files.readString(card),
        "base_model: \"model\"",
        "| specialized | math | 18 | ",
        "| general | general | 18 | ",
        "global_train_batch_size: 12");
    assertFalse(Files.readString(card).contains(folder.toString()), "no folder of this machine");
    Dmt.run("evaluate", "--run", run).succeeds();
    says(Files.readString(card), "model-index:", "| held-out ", "## Scores");
    says(Files.readString(run.resolve("README.md")), "## Scores", "| general | general | 18 | ");
    Dmt.run("verify", run).succeeds();

    Path exported = folder.resolve("exported");
    Dmt.run("export", run, "--output", exported).succeeds();
    says(
        Files.readString(exported.resolve("README.md")), "## Data", "| specialized | math | 18 | ");
    Dmt.run("verify", exported).succeeds();
    Files.writeString(exported.resolve("README.md"), "Mine.");
    Dmt.run("export", run, "--output", exported, "--overwrite").succeeds();
    assertEquals("Mine.", Files.readString(exported.resolve("README.md")));
  }
}
