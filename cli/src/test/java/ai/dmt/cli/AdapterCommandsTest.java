package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.internal.files.Disk;
import ai.dmt.tokenizer.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  private static Dmt generate(Path model, Object... options) {
    List<Object> words = new ArrayList<>(List.of("generate", "--model", model));
    words.addAll(List.of("--prompt", "math 3?", "--max-new-tokens", "4", "--template", "plain"));
    words.addAll(List.of(options));
    return Dmt.run(words.toArray());
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
    String answer = generate(out, "--base", moved).succeeds();
    assertEquals(answer, generate(withoutTokenizer(out), "--base", moved).succeeds());
    InputStream standardInput = System.in;
    System.setIn(new ByteArrayInputStream("math 3?\n".getBytes(StandardCharsets.UTF_8)));
    try {
      Dmt.run("chat", "--model", out, "--base", moved, "--max-new-tokens", 4).succeeds();
    } finally {
      System.setIn(standardInput);
    }
    Path heldOut = folder.resolve("math.jsonl");
    String ofFiles = evaluate(out, moved, "math=" + heldOut).succeeds();
    assertTrue(ofFiles.contains("math"), ofFiles);
    String ofRecipe = evaluate(out, moved, recipe.toString()).succeeds();
    assertEquals(
        ofRecipe, evaluate(out, baseWithoutTokenizer(moved), recipe.toString()).succeeds());
    generate(moved, "--base", moved).fails(ExitCode.USAGE, "--base is of an adapter, and " + moved);
    Dmt.run("evaluate", "--run", out, "--base", moved)
        .fails(ExitCode.USAGE, "--base is of one adapter");
    Dmt.run("serve", "--model", moved, "--base", moved, "--adapter", "a=" + out)
        .fails(ExitCode.USAGE, "with --adapter, --model is their base");
    Path other = TinyModel.copy(moved, folder.resolve("other"));
    Path weights = other.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 4] ^= 1;
    Files.write(weights, bytes);
    generate(out, "--base", other).fails(ExitCode.USAGE, "was trained on another base");
    Path nowhere = folder.resolve("nowhere");
    generate(out, "--base", nowhere).fails(ExitCode.USAGE, "there is no folder " + nowhere);
    generate(out, "--base", folder).fails(ExitCode.USAGE, folder + " has no config.json");
    generate(nowhere, "--base", moved).fails(ExitCode.USAGE, "there is no model folder " + nowhere);
    generate(out, "--base", "")
        .fails(ExitCode.USAGE, "option '--base'", "expected a file or a folder, got \"\"");
  }

  @Test
  void aBaseOfAnotherShapeIsRefusedInFewWords() throws IOException {
    train().succeeds();
    Path other = TinyModel.copy(folder.resolve("model"), folder.resolve("other"));
    Path config = other.resolve("config.json");
    String narrow = "\"hidden_size\": 32";
    assertTrue(Files.readString(config).contains(narrow));
    Files.writeString(config, Files.readString(config).replace(narrow, "\"hidden_size\": 64"));
    String said =
        generate(out, "--base", other)
            .fails(ExitCode.USAGE, "q_proj.lora_A.weight\" has the shape [4, 32]", "; and 2 more");
    assertEquals(3, said.split("; ").length, said);
  }

  /** An adapter without a tokenizer of its own, as PEFT's folders often are. */
  private Path withoutTokenizer(Path adapter) throws IOException {
    Path bare = Files.createDirectories(folder.resolve("bare"));
    for (String name :
        List.of("adapter_config.json", "adapter_model.safetensors", "dmt_adapter.json")) {
      Files.copy(adapter.resolve(name), bare.resolve(name));
    }
    return bare;
  }

  /** A base whose tokenizer the adapter brings. */
  private Path baseWithoutTokenizer(Path base) throws IOException {
    Path bare = TinyModel.copy(base, folder.resolve("bare-base"));
    Files.delete(Tokenizer.file(bare));
    return bare;
  }

  private static Dmt evaluate(Path adapter, Path base, String heldOut) {
    return Dmt.run("evaluate", "--model", adapter, "--base", base, "--held-out", heldOut);
  }

  @Test
  void brokenWeightsAreTheUsersFault() throws IOException {
    train().succeeds();
    Path weights = out.resolve("adapter_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Arrays.fill(bytes, bytes.length - 4, bytes.length, (byte) 0xff); // a NaN in any type
    Files.write(weights, bytes);
    generate(out).fails(ExitCode.USAGE, weights + ": tensor \"", "expected finite weights");
    Path merged = folder.resolve("merged");
    Dmt.run("export", out, "--merge", "--output", merged)
        .fails(ExitCode.USAGE, weights + ": tensor \"", "expected finite weights");
    assertFalse(Files.exists(merged.resolve("config.json")));
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
            "adapter: rank of q_proj, down_proj must be at most 32, the smaller side of each matrix, got 64",
            "data.cutoff_len=4096 must be at most");
  }
}
