package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("native")
class BenchCommandTest {
  /** Fields that peer_speed.py prints in both modes. */
  private static final List<String> PEER_FIELDS =
      List.of(
          "mode",
          "preset",
          "device",
          "dtype",
          "batch",
          "seq",
          "threads",
          "torch",
          "params",
          "step_ms",
          "tokens_per_s",
          "peak_rss_mb",
          "peak_gpu_mb");

  @TempDir private Path folder;

  private static JsonNode line(Dmt run) throws IOException {
    JsonNode line = new ObjectMapper().readTree(run.succeeds());
    PEER_FIELDS.forEach(field -> assertTrue(line.has(field), () -> field + " in " + line));
    assertTrue(line.path("step_ms").asDouble() > 0, line::toString);
    assertTrue(line.path("peak_rss_mb").asLong() > 100, line::toString);
    double share = line.path("java_share").asDouble(-1);
    assertTrue(share >= 0 && share < 0.5, line::toString);
    return line;
  }

  @Test
  void trainPrintsThePeersFields() throws IOException {
    JsonNode line = line(Dmt.run("bench", "train", "--batch", 2, "--seq", 16, "--steps", 1));
    assertEquals(24_407_712, line.path("params").asLong());
    assertEquals(32 / 30.0, ratio(line), 0.02);
    assertEquals("none", line.path("recompute").asText());
    assertEquals(0, line.path("lora").asInt(-1));
    assertEquals("compute", line.path("base").asText());
    assertEquals(24_407_712, line.path("trained_params").asLong());
    assertTrue(line.has("mfu_989") && line.path("mfu_989").isNull(), line::toString);
  }

  /** Of tiny: 6 layers, four matrices of 288 x 288 and three of 288 x 768 each. */
  @ParameterizedTest
  @CsvSource({"4, attention, compute, 55296", "8, all, int8, 262656", "8, all, nf4, 262656"})
  void anAdapterIsTrainedInPlaceOfTheModel(int rank, String targets, String base, long trained)
      throws IOException {
    List<Object> words = new ArrayList<>(List.of("bench", "train", "--batch", 2, "--seq", 16));
    words.addAll(List.of("--steps", 1, "--lora", rank, "--lora-targets", targets, "--base", base));
    JsonNode line = line(Dmt.run(words.toArray()));
    assertEquals(rank, line.path("lora").asInt());
    assertEquals(base, line.path("base").asText());
    assertEquals(trained, line.path("trained_params").asLong());
    assertEquals(24_407_712, line.path("params").asLong());
  }

  @Test
  void aStepIsTakenApart() throws IOException {
    JsonNode line = line(Dmt.run("bench", "train", "--batch", 2, "--seq", 16, "--steps", 1));
    JsonNode breakdown = line.path("breakdown_ms");
    for (String part : List.of("products", "attention", "element_wise", "loss", "optimizer")) {
      assertTrue(breakdown.path(part).asDouble() > 0, () -> part + " in " + line);
    }
    assertEquals(0, breakdown.path("communication").asDouble(-1));
    assertTrue(breakdown.path("other").asDouble(-1) >= 0, line::toString);
    assertFalse(line.has("prediction"));
  }

  @ParameterizedTest
  @CsvSource({"dense", "packed"})
  void aStepOfSeveralMicroBatchesHasOneUpdate(String rows) throws IOException {
    Object[] words = {
      "bench", "train", "--batch", 2, "--seq", 32, "--steps", 1, "--accumulate", 3, "--rows", rows
    };
    JsonNode line = line(Dmt.run(words));
    assertEquals(3, line.path("accumulate").asInt());
    assertEquals(rows, line.path("rows").asText());
    double step = line.at("/breakdown_ms/step").asDouble();
    double passes = step - line.at("/breakdown_ms/optimizer").asDouble();
    assertEquals(
        3 * 2 * 32 / passes * 1e3, line.path("passes_tokens_per_s").asDouble(), 1, line::toString);
    assertEquals(
        192 / line.path("step_ms").asDouble() * 1e3,
        line.path("tokens_per_s").asDouble(),
        192.0,
        line::toString);
  }

  @Test
  void aSimulatedRankPredictsTheStepAmongRealOnes() throws IOException {
    Object[] words = {
      "bench", "train", "--batch", 1, "--seq", 16, "--steps", 1, "--simulate-world", 4
    };
    JsonNode line = line(Dmt.run(words));
    assertTrue(line.at("/breakdown_ms/communication").asDouble() > 0, line::toString);
    JsonNode prediction = line.path("prediction");
    assertEquals(4, prediction.path("ranks").asInt());
    double parts =
        Stream.of("computation_ms", "slow_down_ms", "exposed_ms")
            .mapToDouble(part -> prediction.path(part).asDouble())
            .sum();
    assertEquals(parts, prediction.path("step_ms").asDouble(), 0.01);
    // Of 4 bytes, of which three quarters travel: two gathers of all parameters, but one of
    // embedding, head and last block, and a reduction of all.
    double elements = 3 * 24_407_712.0 - 9_216_000 - 9_216_288 - 995_904;
    assertEquals(
        elements * 4 * 0.75 / 362e6,
        prediction.path("communication_ms").asDouble(),
        0.02,
        line::toString);
  }

  @Test
  void modesThatAreNotPredictedAreMeasured() throws IOException {
    Object[] words = {
      "bench",
      "train",
      "--batch",
      1,
      "--seq",
      16,
      "--steps",
      1,
      "--simulate-world",
      2,
      "--sharding",
      "none"
    };
    JsonNode line = line(Dmt.run(words));
    assertTrue(line.has("breakdown_ms"), line::toString);
    assertFalse(line.has("prediction"), line::toString);
  }

  @Test
  void everyTypeOfARanksStatesIsMeasured() throws IOException {
    Object[] words = {
      "bench",
      "train",
      "--batch",
      1,
      "--seq",
      8,
      "--steps",
      1,
      "--threads",
      2,
      "--dtype",
      "bfloat16",
      "--optimizer-states",
      "bfloat16",
      "--gradient-dtype",
      "bfloat16"
    };
    assertEquals("bfloat16", line(Dmt.run(words)).path("dtype").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--reduce-dtype int8 | --reduce-dtype must be float32 or bfloat16, got \"int8\"",
        "--gradient-dtype x | --gradient-dtype must be float32 or bfloat16, got \"x\"",
        "--optimizer-states x | --optimizer-states must be float32 or bfloat16, got \"x\"",
        "--simulate-world 70000 | --simulate-world must be between 1 and 65536, got 70000",
        "--simulate-world 8 --node-size 3 | --node-size must divide --simulate-world 8, got 3",
        "--threads 100000 | threads must be at most",
        "--lora -1 | --lora must not be negative, got -1",
        "--lora 4 --lora-targets qv | --lora-targets must be all or attention, got \"qv\"",
        "--lora 4 --base int4 | --base must be compute, int8 or nf4, got \"int4\"",
        "--base nf4 | --lora-targets and --base int8, nf4 need --lora RANK",
        "--lora-targets all | --lora-targets and --base int8, nf4 need --lora RANK",
        "--preset tiny --model x | --preset tiny and --model x exclude each other",
        "--model no-such-folder | there is no model folder no-such-folder",
        "--batch 2000000000 | must be at most 16777216, got 2000000000 x 256",
        "--device cuda --device-index 99 | device cuda:"
      })
  void whatCannotBeMeasuredIsRefused(String options, String message) {
    List<Object> words = new ArrayList<>(List.of("bench", "train"));
    words.addAll(List.of(options.split(" ")));
    Dmt.run(words.toArray()).fails(ExitCode.USAGE, message);
  }

  private static double ratio(JsonNode line) {
    return line.path("tokens_per_s").asDouble() / line.path("label_tokens_per_s").asDouble();
  }

  @Test
  void generatePrintsThePeersFields() throws IOException {
    JsonNode line =
        line(Dmt.run("bench", "generate", "--batch", 2, "--prompt", 4, "--new", 3, "--steps", 2));
    assertEquals("generate", line.path("mode").asText());
    assertEquals(3, line.path("new").asInt());
    assertEquals(4, line.path("prompt").asInt());
    assertEquals(4, line.path("seq").asInt());
  }

  /** LLaMA-33B: 32,528,943,616 parameters. Padding adds less than an element per rank and unit. */
  @Test
  void memoryOfARankIsPrintedWithoutAllocating() throws IOException {
    JsonNode line =
        new ObjectMapper()
            .readTree(
                Dmt.run(
                        "bench",
                        "memory",
                        "--preset",
                        "33b",
                        "--simulate-world",
                        8,
                        "--dtype",
                        "bfloat16",
                        "--reduce-dtype",
                        "bfloat16")
                    .succeeds());
    double slice = 32_528_943_616L / 8.0;
    assertEquals(2 * slice, line.path("weights_bytes").asDouble(), 2 * 62);
    assertEquals(2 * slice, line.path("master_weights_bytes").asDouble(), 2 * 62);
    assertEquals(4 * slice, line.path("gradients_bytes").asDouble(), 4 * 62);
    assertEquals(8 * slice, line.path("optimizer_states_bytes").asDouble(), 8 * 62);
    assertEquals(535_049_216L * 12, line.path("buffers_bytes").asLong());
  }

  /** LLaMA-7B: 131.7 KB per token and layer with all kept, 8.2 with a block's input. */
  @Test
  void activationsOfAMicroBatchAreCounted() throws IOException {
    double kept = activations("none");
    double inputs = activations("full");
    assertEquals(32 * 131.7e3, kept / 4096, 0.05 * 32 * 131.7e3);
    assertTrue(inputs < 0.2 * kept, kept + " " + inputs);
  }

  @Test
  void tokensThatNoMicroBatchHasAreRefused() {
    Dmt.run("bench", "memory", "--tokens", -1)
        .fails(ExitCode.USAGE, "--tokens must be between 0 and 16777216, got -1");
  }

  private static double activations(String level) throws IOException {
    Object[] words = {
      "bench",
      "memory",
      "--preset",
      "7b",
      "--dtype",
      "bfloat16",
      "--tokens",
      4096,
      "--recompute",
      level
    };
    JsonNode line = new ObjectMapper().readTree(Dmt.run(words).succeeds());
    double activations = line.path("activations_bytes").asDouble();
    assertTrue(line.path("total_bytes").asDouble() > activations, line::toString);
    return activations;
  }

  @Test
  void gradientsInBfloat16TakeTwoBytesEach() throws IOException {
    Object[] words = {"bench", "memory", "--preset", "tiny", "--dtype", "bfloat16"};
    JsonNode plain = new ObjectMapper().readTree(Dmt.run(words).succeeds());
    Object[] more = Arrays.copyOf(words, words.length + 2);
    more[words.length] = "--gradient-dtype";
    more[words.length + 1] = "bfloat16";
    JsonNode line = new ObjectMapper().readTree(Dmt.run(more).succeeds());
    assertEquals(line.path("weights_bytes").asLong(), line.path("gradients_bytes").asLong());
    assertEquals(plain.path("gradients_bytes").asLong(), 2 * line.path("gradients_bytes").asLong());
    assertEquals(
        plain.path("optimizer_states_bytes").asLong(),
        line.path("optimizer_states_bytes").asLong());
  }

  @Test
  void conversationsAreMeasuredAndDumped() throws IOException {
    Path tokenizer = SharedFiles.require("data/weights/stories260K-hf");
    StringBuilder data = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      data.append("{\"question\": \"%s + 1?\", \"answer\": \"%s\"}\n".formatted(i, i + 1));
    }
    Path file = Files.writeString(folder.resolve("d.jsonl"), data);
    Path dump = folder.resolve("dump.jsonl");
    Object[] words = {
      "bench",
      "train",
      "--data",
      "sums=" + file,
      "--tokenizer",
      tokenizer,
      "--dump-tokens",
      dump,
      "--batch",
      2,
      "--steps",
      1
    };
    JsonNode line = line(Dmt.run(words));
    List<String> dumped = Files.readAllLines(dump);
    assertEquals(6, dumped.size());
    long labels = 0;
    for (String sample : dumped.subList(4, 6)) { // the first two steps warm up
      JsonNode node = new ObjectMapper().readTree(sample);
      assertEquals(2, node.path("step").asInt());
      assertEquals(node.path("ids").size(), node.path("labels").size());
      for (int t = 0; t < node.path("ids").size(); t++) {
        int label = node.path("labels").get(t).asInt();
        assertTrue(label == -100 || label == node.path("ids").get(t).asInt(), sample);
        labels += label == -100 ? 0 : 1;
      }
    }
    assertEquals(labels, line.path("label_tokens").asLong());
    List<Object> real = new ArrayList<>(Arrays.asList(words));
    real.addAll(List.of("--model", tokenizer, "--seq", 512, "--lora", 4));
    JsonNode ofModel = line(Dmt.run(real.toArray()));
    assertEquals(tokenizer.toString(), ofModel.path("preset").asText());
    assertEquals(260_032, ofModel.path("params").asLong());
    assertEquals(labels, ofModel.path("label_tokens").asLong());
    words[words.length - 1] = 2;
    Dmt.run(words).fails(ExitCode.USAGE, "has 6 samples", "each need 8");
  }
}
