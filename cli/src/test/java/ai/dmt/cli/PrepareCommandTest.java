package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt prepare} on small files; needs a tokenizer and no weights. */
class PrepareCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUESTION =
      "A shop sells 12 red apples and 7 green pears for 3 coins each, how many coins is that?";

  @TempDir private Path folder;
  private Path recipe;
  private Path cache;

  @BeforeEach
  void writeRecipe() throws IOException {
    Path model = Files.createDirectories(folder.resolve("model"));
    Files.copy(
        SharedFiles.require("data/weights/stories260K-hf/tokenizer.model"),
        model.resolve("tokenizer.model"));
    cache = folder.resolve("cache");
    Files.writeString(
        folder.resolve("math.jsonl"),
        record("1 + 1?", "2")
            + record("1 + 1?", "two")
            + record("1 + 1?", "2")
            + record(QUESTION, "57")
            + record("so ".repeat(300), "cut off")
            + record("Count.", "one ".repeat(200)));
    Files.writeString(
        folder.resolve("general.jsonl"),
        "{\"conversations\": [{\"from\": \"human\", \"value\": \"1 + 1?\"}, {\"from\": \"gpt\","
            + " \"value\": \"2\"}]}\n"
            + "{\"conversations\": [{\"from\": \"human\", \"value\": \"Hi\"}, {\"from\": \"gpt\","
            + " \"value\": \"Hello\"}, {\"from\": \"human\", \"value\": \"Bye\"}]}\n");
    recipe =
        Files.write(
            folder.resolve("r.yaml"),
            List.of(
                "model: " + model,
                "sources:",
                "  math: {role: specialized, files: [%s]}".formatted(folder.resolve("math.jsonl")),
                "  general: {role: general, files: [%s]}"
                    .formatted(folder.resolve("general.jsonl")),
                "data: {cutoff_len: 256}"));
  }

  private static String record(String question, String answer) {
    return "{\"question\": \"%s\", \"answer\": \"%s\"}\n".formatted(question, answer);
  }

  private Dmt prepare(Object... more) {
    List<Object> words = new ArrayList<>(List.of("prepare", recipe));
    words.addAll(List.of(more));
    if (!words.contains("--no-cache")) {
      words.addAll(List.of("--cache", cache));
    }
    return Dmt.run(words.toArray());
  }

  private JsonNode audit(Object... more) throws IOException {
    Path json = folder.resolve("audit.json");
    List<Object> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--json", json));
    prepare(words.toArray()).succeeds();
    return JSON.readTree(json.toFile());
  }

  @Test
  void auditCountsWhatBecameOfEachRecord() throws IOException {
    JsonNode audit = audit();
    JsonNode math = audit.at("/sources/0");
    assertEquals("math", math.path("name").asText());
    assertEquals(6, math.path("records").asInt());
    assertEquals(5, math.path("samples").asInt());
    assertEquals(10, math.path("turns").asInt());
    assertEquals(1, math.at("/dropped/all_masked").asInt());
    assertEquals(2, math.at("/dropped/truncated").asInt());
    assertTrue(math.at("/all_masked/0").asText().endsWith("math.jsonl:5"), math::toString);
    assertEquals(1, math.at("/truncated/samples").asInt());
    assertTrue(math.at("/truncated/origins/0").asText().endsWith("math.jsonl:6"));
    assertTrue(math.at("/truncated/label_tokens_lost").asInt() > 100);
    assertEquals(256, math.at("/tokens/max").asInt());
    long binned = 0;
    for (JsonNode bin : math.at("/tokens/bins")) {
      binned += bin.path("samples").asLong();
    }
    assertEquals(5, binned);

    assertEquals(1, math.at("/duplicate_conversations/copies").asInt());
    assertTrue(math.at("/duplicate_conversations/pairs/0/copy").asText().endsWith(":3"));
    assertTrue(math.at("/duplicate_conversations/pairs/0/of").asText().endsWith(":1"));
    assertEquals(2, math.at("/duplicate_prompts/copies").asInt());
    assertEquals(1, audit.at("/shared/0/conversations/copies").asInt(), audit::toString);
    assertEquals(1, audit.at("/sources/1/dropped/unanswered_question").asInt());

    String text = prepare().succeeds();
    assertTrue(text.contains("math: 5 samples"), text);
    assertTrue(text.contains("no token carries loss: " + folder.resolve("math.jsonl:5")), text);
    assertTrue(text.contains("1 repeat an earlier conversation"), text);
    assertTrue(text.contains("math and general share conversations"), text);
  }

  @Test
  void aRecordWithoutAnAnswerHasOneReasonAndItsPlace() throws IOException {
    Path file = folder.resolve("general.jsonl");
    String question = "{\"conversations\": [{\"from\": \"human\", \"value\": \"Why?\"}]}\n";
    Files.writeString(file, record("1 + 1?", "2") + question + record("2 + 2?", ""));
    JsonNode general = audit().at("/sources/1");
    assertEquals("{\"empty_conversation\":2}", general.path("dropped").toString());
    assertEquals("[\"%1$s:2\",\"%1$s:3\"]".formatted(file), general.path("empty").toString());
    assertTrue(
        prepare()
            .succeeds()
            .contains("no question with its answer: %1$s:2, %1$s:3".formatted(file)),
        "from the cache, too");
  }

  @Test
  void quietSaysWhereTheResultsAre() {
    Path json = folder.resolve("audit.json");
    assertEquals(
        "2 sources prepared, 7 samples; %s%n".formatted(json),
        prepare("--quiet", "--json", json).succeeds());
  }

  @Test
  void secondTimeComesFromTheCache() throws IOException {
    assertFalse(prepare().succeeds().contains("from the cache"));
    JsonNode cached = audit();
    assertTrue(prepare().succeeds().contains("from the cache"));
    assertEquals(audit("--no-cache"), cached);
    assertFalse(prepare("--no-cache").succeeds().contains("from the cache"));
    assertFalse(prepare("data.cutoff_len=255").succeeds().contains("from the cache"));
    prepare("--no-cache", "--cache=" + cache).fails(ExitCode.USAGE, "mutually exclusive");
  }

  @Test
  void damagedEntryIsNamedAndMadeAgain() throws IOException {
    prepare().succeeds();
    Path entry;
    try (Stream<Path> files = Files.list(cache)) {
      entry = files.sorted().findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(entry);
    bytes[bytes.length / 2] ^= 1;
    Files.write(entry, bytes);
    Dmt again = prepare();
    again.succeeds();
    assertTrue(again.toString().contains("cache entry " + entry), again::toString);
    assertTrue(again.toString().contains("is damaged: "), again::toString);
    assertEquals(2, prepare().succeeds().split("from the cache", -1).length - 1);
  }

  @Test
  void shownSamplesAreThoseOfTheSmallestSubsets() {
    String plain = prepare("--show", 2).succeeds();
    assertEquals(4, plain.split("loss on \\[\\[this\\]\\]", -1).length - 1, plain);
    assertTrue(plain.contains("</s>]]"), plain);
    assertTrue(plain.contains("A chat between"), plain);
    String more = prepare("--show", 3).succeeds();
    plain
        .lines()
        .filter(line -> line.contains("loss on"))
        .forEach(line -> assertTrue(more.contains(line), line));
    assertTrue(prepare("--show", 1, "--color", "always").succeeds().contains("\u001b[32m"));
    prepare("--show", -1).fails(ExitCode.USAGE, "--show must be 0 or more");
    prepare("--color", "sometimes").fails(ExitCode.USAGE, "--color", "AUTO, ALWAYS, NEVER");
  }

  @Test
  void overlapIsAWarningOrAFault() throws IOException {
    Path test = Files.writeString(folder.resolve("test.jsonl"), record(QUESTION, "57"));
    Dmt warned = prepare("--benchmark", "gsm8k=" + test);
    String out = warned.succeeds();
    assertTrue(out.contains("overlap with gsm8k: 1 of 1 prompts"), out);
    assertTrue(out.contains("gsm8k line 1: " + folder.resolve("math.jsonl:4")), out);
    assertTrue(warned.toString().contains("warning: 1 turns"), warned::toString);
    prepare("--benchmark", "gsm8k=" + test, "--fail-on-overlap")
        .fails(ExitCode.USAGE, "hold prompts of benchmarks");
    Files.writeString(test, record("What is 2 + 3?", "5"));
    prepare("--benchmark", "gsm8k=" + test, "--fail-on-overlap").succeeds();
  }

  @Test
  void benchmarksAtFaultAreTold() throws IOException {
    prepare("--benchmark", "gsm8k").fails(ExitCode.USAGE, "\"gsm8k\" must be NAME=FILE");
    prepare("--benchmark", "a=none.jsonl", "sources.math.files=[no.jsonl]")
        .fails(ExitCode.USAGE, "none.jsonl: no such file", "source math: no.jsonl");
    Path odd = Files.writeString(folder.resolve("odd.jsonl"), "{\"text\": \"x\"}\n");
    prepare("--benchmark", "a=" + odd).fails(ExitCode.USAGE, odd + ":1: has no prompt");
  }

  @Test
  @Tag("native")
  void trainingOnCachedSamplesGivesTheSameModel() throws IOException {
    Path model = TinyModel.write(folder.resolve("trained"));
    List<Path> outputs = new ArrayList<>();
    for (String cacheWord : List.of("--no-cache", "--cache=" + cache, "--cache=" + cache)) {
      Path output = folder.resolve("out" + outputs.size());
      outputs.add(output);
      Dmt.run(
              "train",
              recipe,
              cacheWord,
              "--output",
              output,
              "model=" + model,
              "training={num_train_epochs: 1, global_train_batch_size: 2, learning_rate: 1e-3}")
          .succeeds();
    }
    byte[] expected = Files.readAllBytes(outputs.get(0).resolve("model.safetensors"));
    for (Path output : outputs) {
      assertArrayEquals(expected, Files.readAllBytes(output.resolve("model.safetensors")));
      assertArrayEquals(
          Files.readAllBytes(outputs.get(0).resolve("ledger.json")),
          Files.readAllBytes(output.resolve("ledger.json")));
    }
    String prepared = prepare("model=" + model).succeeds();
    assertTrue(prepared.contains("from the cache"), "dmt train made the entries: " + prepared);
  }

  @Test
  void theReportIsOnePageThatNeedsNoScriptAndColoursWhatCarriesLoss() throws IOException {
    Path page = folder.resolve("data.html");
    String out = prepare("--report", page, "--benchmark", "gsm8k=" + benchmark()).succeeds();
    assertFalse(out.contains("loss on "), "no samples were asked for on the terminal: " + out);
    String html = Files.readString(page);
    for (String part :
        List.of(
            "<h2 id=\"lengths\">Lengths</h2>",
            "<svg",
            "math: repeats of an earlier conversation: 1",
            "math and general share conversations: 1",
            "is the prompt",
            "<mark>",
            "57",
            "</mark>",
            "A shop sells 12 red apples")) {
      assertTrue(html.contains(part), () -> part + " in " + html);
    }
    assertFalse(html.contains("As files: figures/"), "there are none beside the page");
    assertTrue(html.indexOf("<mark>") < html.indexOf("<script"), "text is there without scripts");
    prepare("--report", recipe.resolve("data.html")).fails(ExitCode.USAGE, "--report");
  }

  private Path benchmark() throws IOException {
    return Files.writeString(folder.resolve("test.jsonl"), record(QUESTION, "#### 57"));
  }
}
