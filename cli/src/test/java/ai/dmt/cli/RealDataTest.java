package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GSM8K, Code Alpaca and ShareGPT prepared, audited and trained on, from presets. */
class RealDataTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private static Path math() {
    return SharedFiles.require("data/gsm8k/train.jsonl");
  }

  private static Path code() {
    return SharedFiles.require("data/codealpaca/code_alpaca_2k.json");
  }

  private static Path general() {
    return SharedFiles.require("data/general/sharegpt_v3_en_1k.jsonl");
  }

  private static Path stories() {
    return SharedFiles.require("data/weights/stories260K-hf");
  }

  private static List<Object> command(Object... words) {
    List<Object> command = new ArrayList<>(List.of(words));
    command.add("sources.math.files=[%s]".formatted(math()));
    command.add("sources.code.files=[%s]".formatted(code()));
    command.add("sources.general.files=[%s]".formatted(general()));
    return command;
  }

  private static JsonNode source(JsonNode audit, String name) {
    for (JsonNode source : audit.path("sources")) {
      if (source.path("name").asText().equals(name)) {
        return source;
      }
    }
    throw new IllegalArgumentException(name);
  }

  @Tag("native")
  @ParameterizedTest
  @CsvSource({
    "small-real-math, 1",
    "small-real-multi-task, 1",
    "small-real-sequential, 3",
    "small-real-mixed-sequential, 2",
    "small-real-dmt-1_16, 2"
  })
  void everyStrategyTrainsOnRealFiles(String preset, int stages) throws IOException {
    Path recipe = folder.resolve("r.yaml");
    Dmt.run("recipe", "cp", preset, recipe).succeeds();
    Path output = folder.resolve("out");
    List<Object> words = command("train", recipe, "--output", output, "model=" + stories());
    for (String source : List.of("math", "code", "general")) {
      words.add("sources.%s.max_samples=30".formatted(source));
    }
    words.add("training={num_train_epochs: 2, global_train_batch_size: 8, learning_rate: 1e-3}");
    words.add("data.eval_fraction=0.1");
    Dmt.run(words.toArray()).succeeds();
    List<JsonNode> evaluations = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.path("type").asText().equals("evaluation")) {
        evaluations.add(node);
      }
    }
    assertEquals(1 + stages, evaluations.size());
    String trained = preset.equals("small-real-math") ? "math" : "code";
    double before = evaluations.get(0).at("/sources/%s/loss".formatted(trained)).asDouble();
    double after = evaluations.get(stages).at("/sources/%s/loss".formatted(trained)).asDouble();
    assertTrue(
        after < before - 0.5, String.format(Locale.ROOT, "%s: %f, then %f", preset, before, after));
    assertTrue(Files.exists(output.resolve("model.safetensors")));
  }

  @Test
  void realFilesAreAuditedWithTheTokenizerOfLlama() throws IOException {
    Path model = Files.createDirectories(folder.resolve("llama"));
    Files.copy(
        SharedFiles.require("data/tokenizer/llama_tokenizer.model"),
        model.resolve("tokenizer.model"));
    Path json = folder.resolve("audit.json");
    List<Object> words = command("prepare", "small-real-multi-task", "--no-cache", "--json", json);
    words.addAll(List.of("model=" + model, "data.cutoff_len=2048", "sources.general.prepare={}"));
    Dmt.run(words.toArray()).succeeds();
    JsonNode audit = JSON.readTree(json.toFile());
    JsonNode math = source(audit, "math");
    assertEquals(7473, math.path("samples").asInt());
    assertEquals(14946, math.path("turns").asInt());
    assertEquals(0, math.at("/duplicate_prompts/copies").asInt());
    assertEquals(2015, source(audit, "code").path("samples").asInt(), "two have no answer");
    JsonNode general = source(audit, "general");
    assertEquals(1011, general.path("records").asInt());
    assertEquals(1001, general.path("conversations").asInt());
    assertEquals(26, general.path("all_masked").size());
    assertEquals(5, general.at("/duplicate_conversations/copies").asInt());
    assertTrue(general.at("/truncated/label_tokens_lost").asInt() > 100_000);

    words.remove("sources.general.prepare={}");
    words.add("sources.general.prepare.split_tokens=2048");
    Dmt.run(words.toArray()).succeeds();
    general = source(JSON.readTree(json.toFile()), "general");
    assertEquals(0, general.at("/duplicate_conversations/copies").asInt());
    for (String reason : List.of("duplicate_beginning", "last_pair")) {
      assertTrue(general.at("/dropped/" + reason).asInt() > 0, reason + " in " + general);
    }
  }

  /** A prompt of each benchmark, as it is and with other case and without punctuation. */
  @Test
  void plantedPromptsOfBenchmarksAreFound() throws IOException {
    Path gsm8k = SharedFiles.require("data/gsm8k/test.jsonl");
    Path humaneval = SharedFiles.require("data/humaneval/HumanEval.jsonl.gz");
    Path mtbench = SharedFiles.require("data/mtbench/question.jsonl");
    String question = JSON.readTree(Files.readAllLines(gsm8k).get(70)).path("question").asText();
    JsonNode problem;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(humaneval)), StandardCharsets.UTF_8))) {
      problem = JSON.readTree(lines.lines().skip(7).findFirst().orElseThrow());
    }
    String turn = JSON.readTree(Files.readAllLines(mtbench).get(3)).at("/turns/0").asText();

    List<String> mathLines = new ArrayList<>(Files.readAllLines(math()).subList(0, 50));
    ArrayNode codeRecords = (ArrayNode) JSON.readTree(code().toFile());
    List<String> generalLines = new ArrayList<>(Files.readAllLines(general()).subList(0, 50));
    for (boolean changed : new boolean[] {false, true}) {
      mathLines.add(
          JSON.createObjectNode()
              .put("question", planted(question, changed))
              .put("answer", "#### 1")
              .toString());
      codeRecords
          .addObject()
          .put("instruction", planted(problem.path("prompt").asText(), changed))
          .put("input", "")
          .put("output", "pass");
      ObjectNode conversation = JSON.createObjectNode().put("id", "planted " + changed);
      ArrayNode turns = conversation.putArray("conversations");
      turns.addObject().put("from", "human").put("value", "Hello " + changed);
      turns.addObject().put("from", "gpt").put("value", "Hi");
      turns.addObject().put("from", "human").put("value", planted(turn, changed));
      turns.addObject().put("from", "gpt").put("value", "Aloha");
      generalLines.add(conversation.toString());
    }
    Path json = folder.resolve("audit.json");
    Dmt dmt =
        Dmt.run(
            "prepare",
            "small-real-multi-task",
            "--no-cache",
            "--json",
            json,
            "--benchmark=gsm8k=" + gsm8k,
            "--benchmark=humaneval=" + humaneval,
            "--benchmark=mtbench=" + mtbench,
            "model=" + stories(),
            "sources.math.files=[%s]".formatted(Files.write(folder.resolve("m.jsonl"), mathLines)),
            "sources.code.files=[%s]"
                .formatted(Files.writeString(folder.resolve("c.json"), codeRecords.toString())),
            "sources.general.files=[%s]"
                .formatted(Files.write(folder.resolve("g.jsonl"), generalLines)));
    dmt.succeeds();
    assertTrue(dmt.toString().contains("dmt: warning: "), dmt::toString);
    Set<String> exact = new TreeSet<>();
    for (JsonNode hit : JSON.readTree(json.toFile()).path("overlap")) {
      if (hit.path("exact").asBoolean()) {
        String file = Path.of(hit.path("origin").asText()).getFileName().toString();
        exact.add(
            "%s %s %s".formatted(hit.path("source").asText(), file, hit.at("/problem").asText()));
      }
    }
    Set<String> expected = new TreeSet<>();
    for (int line : new int[] {51, 52}) {
      expected.add("math m.jsonl:%s line 71".formatted(line));
      expected.add("general g.jsonl:%s 84 turn 1".formatted(line));
    }
    expected.add("code c.json:1 HumanEval/7"); // a JSON array on one line; both records are there
    assertEquals(expected, exact);
    assertTrue(dmt.out().contains("overlap with humaneval: 1 of 164 prompts"), dmt::toString);
  }

  private static String planted(String text, boolean changed) {
    return changed ? text.toUpperCase(Locale.ROOT).replaceAll("[\\p{Punct}]", "") : text;
  }
}
