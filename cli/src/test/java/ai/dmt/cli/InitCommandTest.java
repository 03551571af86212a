package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class InitCommandTest {
  private static final String SHAPE =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 512,
       "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
       "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128}
      """;

  @TempDir private Path folder;

  private Path init(String name, String shape, String seed) throws IOException {
    Files.writeString(folder.resolve("shape.json"), shape);
    run(name, seed).succeeds();
    return folder.resolve(name);
  }

  private Dmt run(String name, String seed) {
    return Dmt.run(
        "init",
        "--config",
        folder.resolve("shape.json"),
        "--tokenizer",
        SharedFiles.require("data/weights/stories260K-hf"),
        "--seed",
        seed,
        "--output",
        folder.resolve(name));
  }

  @Test
  void writesAModelThatCanBeTrainedAndItsSeedDecidesTheWeights() throws IOException {
    Path model = init("a", SHAPE, "1");
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    assertArrayEquals(
        weights, Files.readAllBytes(init("b", SHAPE, "1").resolve("model.safetensors")));
    assertFalse(
        Arrays.equals(
            weights, Files.readAllBytes(init("c", SHAPE, "2").resolve("model.safetensors"))));
    Dmt.run("generate", "--model", model, "--prompt", "a", "--max-new-tokens", "3").succeeds();
  }

  @Test
  void refusesAShapeThatLacksASizeOrIsSmallerThanTheTokenizer() throws IOException {
    Files.writeString(folder.resolve("shape.json"), SHAPE.replace("\"hidden_size\": 32,", ""));
    run("a", "1").fails(ExitCode.USAGE, "hidden_size is missing, expected a positive integer");
    Files.writeString(folder.resolve("shape.json"), SHAPE.replace("512", "100"));
    run("a", "1").fails(ExitCode.USAGE, "512 tokens, more than vocab_size=100");
    assertTrue(Files.notExists(folder.resolve("a")));
  }
}
