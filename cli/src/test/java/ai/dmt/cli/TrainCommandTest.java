package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.dmt.SharedFiles;
import ai.dmt.TinyModel;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From files to a model folder, and from there to text. */
@Tag("native")
class TrainCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void writeModel() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    output = folder.resolve("out");
  }

  /** The first lines or elements of a shared file, as JSON lines. */
  private Path head(String shared, int count) throws IOException {
    Path source = SharedFiles.require("data/" + shared);
    List<String> lines = new ArrayList<>();
    if (shared.endsWith(".json")) {
      JSON.readTree(source.toFile()).forEach(record -> lines.add(record.toString()));
    } else {
      lines.addAll(Files.readAllLines(source));
    }
    return Files.write(folder.resolve(source.getFileName() + ".head"), lines.subList(0, count));
  }

  private Dmt train(Object... more) {
    List<Object> words = new ArrayList<>(List.of("train", "--model", model, "--output", output));
    words.addAll(Arrays.asList(more));
    return Dmt.run(words.toArray());
  }

  private List<JsonNode> metrics(String type) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.path("type").asText().equals(type)) {
        lines.add(node);
      }
    }
    return lines;
  }

  @Test
  void aQuietPreflightSaysThatTheRunCanBegin() throws IOException {
    Path data =
        Files.writeString(folder.resolve("d.jsonl"), "{\"question\": \"1?\", \"answer\": \"2\"}\n");
    String said = train("--data", "a=" + data, "--preflight", "--quiet").succeeds();
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.startsWith("preflight: the run can begin"), said);
    assertFalse(Files.exists(output));
  }

  @Test
  void threeKindsOfDataAreTrainedOnAndTheResultGenerates() throws IOException {
    String out =
        train(
                "--data",
                "gsm8k=" + head("gsm8k/train.jsonl", 24),
                "code=" + head("codealpaca/code_alpaca_2k.json", 24),
                "chat=" + head("general/sharegpt_v3_en_1k.jsonl", 24),
                "learning_rate=3e-3",
                "global_train_batch_size=8",
                "eval_steps=4",
                "eval_fraction=0.1")
            .succeeds();
    for (String text :
        List.of(
            "sources ",
            "samples cut at the sequence length",
            "[[ Natalia sold 48/2",
            "master weights are the weights",
            "memory     weights",
            "left",
            "held-out loss after        before          all")) {
      assertTrue(out.contains(text), () -> "expected \"" + text + "\" in " + out);
    }

    List<JsonNode> steps = metrics("step");
    List<JsonNode> evaluations = metrics("evaluation");
    long total = steps.get(0).path("total_steps").asLong();
    assertEquals(total, steps.size());
    assertEquals(0, evaluations.get(0).path("step").asInt());
    assertEquals(4, evaluations.get(1).path("step").asInt());
    JsonNode last = evaluations.get(evaluations.size() - 1);
    assertEquals(total, last.path("step").asLong());
    for (String source : List.of("gsm8k", "code", "chat")) {
      double before = evaluations.get(0).at("/sources/" + source + "/loss").asDouble();
      double after = last.at("/sources/" + source + "/loss").asDouble();
      assertEquals(Math.log(512), before, 0.3, source); // random weights know nothing
      assertTrue(after < before - 0.5, () -> "%s: %s to %s".formatted(source, before, after));
    }
    for (String field :
        List.of("loss", "grad_norm", "learning_rate", "tokens_per_s", "label_tokens_per_s")) {
      assertTrue(steps.get(1).path(field).asDouble() > 0, () -> field + ": " + steps.get(1));
    }

    Recipe recipe = RecipeReader.read(output.resolve("recipe.yaml"), List.of());
    assertEquals(0.003, recipe.training().learningRate());
    assertEquals(512, recipe.data().cutoffLen());
    assertEquals(0.1, recipe.data().evalFraction());
    assertTrue(Files.exists(output.resolve("ledger.json")));
    for (String file : List.of("config.json", "generation_config.json", "model.safetensors")) {
      assertTrue(Files.exists(output.resolve(file)), file);
    }
    assertArrayEquals(
        Files.readAllBytes(model.resolve("tokenizer.model")),
        Files.readAllBytes(output.resolve("tokenizer.model")));

    Path prompts =
        Files.writeString(folder.resolve("p.jsonl"), "{\"id\": \"x\", \"prompt\": \"Hello\"}\n");
    Path completions = folder.resolve("c.jsonl");
    Dmt.run(
            "generate",
            "--model",
            output,
            "--input",
            prompts,
            "--output",
            completions,
            "--max-new-tokens",
            5)
        .succeeds();
    JsonNode completion = JSON.readTree(Files.readString(completions));
    assertEquals("x", completion.path("id").asText());
    assertEquals("Hello", completion.path("prompt").asText());
    assertTrue(completion.path("tokens").asInt() <= 5, completion::toString);
    assertTrue(completion.path("completion").isTextual(), completion::toString);
  }

  private Path sums(int count) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append("{\"question\": \"%s + 1?\", \"answer\": \"%s\"}\n".formatted(i, i + 1));
    }
    return Files.writeString(folder.resolve("sums.jsonl"), lines);
  }

  @Test
  void sameSeedGivesTheSameBytes() throws IOException {
    Object[] words = {
      "--data", "sums=" + sums(20), "--overwrite", "max_steps=3", "global_train_batch_size=4"
    };
    train(words).succeeds();
    byte[] first = Files.readAllBytes(output.resolve("model.safetensors"));
    train(words).succeeds();
    assertArrayEquals(first, Files.readAllBytes(output.resolve("model.safetensors")));
    words[3] = "max_steps=2";
    train(words).succeeds();
    assertFalse(Arrays.equals(first, Files.readAllBytes(output.resolve("model.safetensors"))));
  }

  @Test
  void dryRunShowsTheDataAndWritesNothing() throws IOException {
    String out = train("--data", "sums=" + sums(20), "--dry-run").succeeds();
    assertTrue(out.contains("run: 1 stages, 3 steps of 128 samples"), out);
    assertTrue(out.contains("[[ 1</s>]]"), out);
    assertFalse(Files.exists(output));
  }

  @Test
  void modelInTheOutputIsNotReplacedUnasked() throws IOException {
    Path kept = TinyModel.copy(model, output);
    byte[] before = Files.readAllBytes(kept.resolve("model.safetensors"));
    train("--data", "sums=" + sums(20))
        .fails(ExitCode.USAGE, "--output " + output + " already holds a model", "--overwrite");
    assertArrayEquals(before, Files.readAllBytes(kept.resolve("model.safetensors")));
  }

  @Test
  void allFaultsOfAJobAreReportedTogether() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    String message =
        Dmt.run(
                "train",
                "--model",
                folder.resolve("none"),
                "--data",
                "a=" + folder.resolve("x"),
                "--output",
                file,
                "epochs=3")
            .fails(
                ExitCode.USAGE,
                "there is no model folder",
                "epochs=3 is no setting; did you mean num_train_epochs?",
                "source a: " + folder.resolve("x") + ": no such file",
                "is a file, expected a folder");
    assertEquals(4, message.lines().count(), message);
  }

  @Test
  void wordsOfTheCommandLineAreChecked() throws IOException {
    train("--data", "sums.jsonl").fails(ExitCode.USAGE, "\"sums.jsonl\" must be NAME=FILE");
    train("--data", "lerning_rate=1e-3")
        .fails(ExitCode.USAGE, "did you mean the setting learning_rate?");
    train("--data", "sums=" + sums(20), "seed=1", "seed=2")
        .fails(ExitCode.USAGE, "seed is given twice, as 1 and 2");
    train("--data", "sums=" + sums(20), "device=gpu")
        .fails(ExitCode.USAGE, "device=gpu: engine.device is \"gpu\", expected one of cpu, cuda");
    train("--data", "sums=" + sums(20), "device=cuda", "device_index=-2")
        .fails(ExitCode.USAGE, "device_index=-2: engine: device");
    train("--data", "sums=" + sums(20), "gradient_dtype=bfloat16")
        .fails(ExitCode.USAGE, "gradients in bfloat16 need dtype bfloat16, got float32");
  }

  @Test
  void aGpuThatCannotBeUsedIsToldBeforeTheDataIsRead() throws IOException {
    assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a GPU driver");
    ModelConfig shape = ModelConfig.llama(64, 64, 64, 1, 1, 1, 64);
    EngineConfig config = EngineConfig.inference().withDevice(DeviceConfig.cuda());
    String reason =
        assertThrows(EngineException.class, () -> NativeEngine.create(shape, 0, config))
            .getMessage();
    assertTrue(reason.contains("driver"), reason);
    Path broken = Files.writeString(folder.resolve("broken.jsonl"), "no JSON\n");
    String data = "sums=" + broken;
    assertEquals(
        "dmt: " + reason + "\n",
        train("--data", data, "device=cuda").fails(ExitCode.USAGE, reason));
    train("--dry-run", "--data", data, "device=cuda").fails(ExitCode.USAGE, "broken.jsonl:1");
    assertFalse(Files.exists(output));
    Path recipe =
        Files.writeString(
            folder.resolve("r.yaml"),
            """
            model: %s
            strategy: {name: multi-task}
            sources:
              sums: {role: specialized, files: [%s]}
            data: {cutoff_len: 64}
            engine: {device: cuda}
            """
                .formatted(model, broken));
    Dmt.run("train", recipe, "--output", output).fails(ExitCode.USAGE, reason);
    assertFalse(Files.exists(output));
  }

  @Test
  void settingsMayFollowTheData() throws IOException {
    String out =
        train("--dry-run", "--data", "sums=" + sums(20), "global_train_batch_size=4").succeeds();
    assertTrue(out.contains("15 steps of 4 samples"), out);
  }
}
