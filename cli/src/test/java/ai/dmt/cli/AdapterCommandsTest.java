package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.internal.files.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What commands do with an adapter that a recipe has trained. */
@Tag("native")
@Timeout(300)
class AdapterCommandsTest {
  @TempDir private Path folder;
  private Path recipe;
  private Path out;

  @BeforeEach
  void writeRecipe() throws IOException {
    recipe =
        TinyRecipe.write(
            folder,
            12,
            "strategy: {name: mixed-sequential}",
            "data: {cutoff_len: 256, eval_fraction: 0.1}",
            "training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3,"
                + " save_steps: 1}",
            "adapter: {rank: 4, targets: [q_proj, down_proj]}",
            "engine: {threads: 1}");
    out = folder.resolve("out");
  }

  private Dmt train(Object... settings) {
    Object[] words = new Object[4 + settings.length];
    System.arraycopy(new Object[] {"train", recipe, "--output", out}, 0, words, 0, 4);
    System.arraycopy(settings, 0, words, 4, settings.length);
    return Dmt.run(words);
  }

  private static Dmt generate(Path model) {
    return Dmt.run(
        "generate",
        "--model",
        model,
        "--prompt",
        "math 3?",
        "--max-new-tokens",
        "4",
        "--template",
        "plain");
  }

  @Test
  void anAdapterIsAModelForCommands() throws IOException {
    train().succeeds();
    assertTrue(AdapterFolder.isAdapter(out));
    String answer = generate(out).succeeds();
    Path merged = folder.resolve("merged");
    String said =
        Dmt.run("export", out, "--merge", "--output", merged, "--dtype", "float32").succeeds();
    assertEquals("%s merged to %s\n".formatted(out, merged), said);
    assertEquals(answer, generate(merged).succeeds());
    assertEquals(1, Files.readString(merged.resolve("config.json")).split("LlamaFor").length - 1);
    Path exported = folder.resolve("exported");
    Dmt.run("export", out, "--output", exported, "--dtype", "float32").succeeds();
    assertTrue(Files.exists(exported.resolve("adapter_model.safetensors")));
    Dmt.run("checkpoint", "verify", out).succeeds();
    Dmt.run("verify", out).succeeds();
    Path heldOut = folder.resolve("math.jsonl");
    Dmt.run("evaluate", "--model", out, "--held-out", "math=" + heldOut).succeeds();
  }

  @Test
  void aBaseElsewhereIsNamed() throws IOException {
    train().succeeds();
    Path moved = TinyModel.copy(folder.resolve("model"), folder.resolve("moved"));
    Disk.delete(folder.resolve("model"));
    generate(out)
        .fails(
            ExitCode.USAGE,
            out.resolve("adapter_config.json")
                + ": base_model_name_or_path is \""
                + folder.resolve("model"),
            "there is no model in");
    Path merged = folder.resolve("merged");
    Dmt.run("export", out, "--merge", "--output", merged)
        .fails(ExitCode.USAGE, "there is no model in");
    Dmt.run("export", out, "--merge", "--base", moved, "--output", merged).succeeds();
    assertFalse(AdapterFolder.isAdapter(merged));
    Dmt.run("export", out, "--base", moved, "--output", folder.resolve("x"))
        .fails(ExitCode.USAGE, "--base is of an adapter that is merged");
  }

  @Test
  void checkpointsOfWholeModelsAreNotMerged() {
    train("adapter=null").succeeds();
    Dmt.run("export", out, "--merge", "--output", folder.resolve("merged"))
        .fails(ExitCode.USAGE, "is no checkpoint of an adapter");
  }

  @Test
  void aPeftFolderWithFeaturesThatAreNotThereIsRefused() throws IOException {
    train().succeeds();
    Path config = out.resolve("adapter_config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"use_dora\" : false", "\"use_dora\" : true"));
    generate(out).fails(ExitCode.USAGE, config + ": use_dora is true, expected null");
  }

  @Test
  void faultsOfARecipeAreToldTogether() {
    String said =
        train("adapter.rank=64", "training.learning_rate=-1")
            .fails(ExitCode.USAGE, "learning_rate");
    assertFalse(said.contains("rank of"), "the recipe itself is at fault first: " + said);
    train("adapter.rank=64", "data.cutoff_len=4096")
        .fails(
            ExitCode.USAGE,
            "adapter: rank of q_proj must be at most 32, the smaller side of its matrix [32, 32], got 64",
            "data.cutoff_len=4096 must be at most");
  }
}
