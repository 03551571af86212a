package ai.dmt.cli;

import ai.dmt.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault of a recipe and its data, with what the user of prepare, train and plan reads. */
class BadDataTest {
  private static final String GOOD = "{\"question\": \"1 + 1?\", \"answer\": \"2\"}\n";

  @TempDir private Path folder;
  private Path data;

  @BeforeEach
  void writeData() throws IOException {
    data = Files.writeString(folder.resolve("d.jsonl"), GOOD.repeat(3));
  }

  private Path recipe(String... lines) throws IOException {
    List<String> all = new ArrayList<>();
    all.add("model: " + SharedFiles.require("data/weights/stories260K-hf"));
    all.addAll(List.of(lines));
    all.add("data: {cutoff_len: 512}");
    return Files.write(folder.resolve("r.yaml"), all);
  }

  private Path recipe() throws IOException {
    return recipe("sources:", "  sums: {role: general, files: [%s]}".formatted(data));
  }

  /** Demands the same message of each command that reads data. */
  private void prepareAndTrainFail(Path recipe, String override, String... texts) {
    List<Object> changes = override.isEmpty() ? List.of() : List.of(override);
    List<Object> prepare = new ArrayList<>(List.of("prepare", recipe, "--no-cache"));
    prepare.addAll(changes);
    Dmt.run(prepare.toArray()).fails(ExitCode.USAGE, texts);
    List<Object> train =
        new ArrayList<>(
            List.of("train", recipe, "--no-cache", "--dry-run", "--output", folder.resolve("out")));
    train.addAll(changes);
    Dmt.run(train.toArray()).fails(ExitCode.USAGE, texts);
  }

  private void planFailsToo(Path recipe, String override, String... texts) {
    prepareAndTrainFail(recipe, override, texts);
    List<Object> plan = new ArrayList<>(List.of("plan", recipe, "sources.sums.samples=3"));
    if (!override.isEmpty()) {
      plan.add(override);
    }
    Dmt.run(plan.toArray()).fails(ExitCode.USAGE, texts);
  }

  @Test
  void unknownFormat() throws IOException {
    prepareAndTrainFail(recipe(), "sources.sums.format=gms8k", "sources.sums", "gms8k", "gsm8k");
    Files.writeString(data, "{\"q\": \"1\", \"a\": \"2\"}\n");
    prepareAndTrainFail(recipe(), "", data + ":1: ", "question");
  }

  @Test
  void wrongOrderOfRoles() throws IOException {
    Files.writeString(
        data,
        GOOD
            + "{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"},"
            + " {\"from\": \"human\", \"value\": \"b\"}, {\"from\": \"gpt\", \"value\": \"c\"}]}\n");
    prepareAndTrainFail(
        recipe(), "", data + ":2: turn 2 is of role USER, expected ASSISTANT", "must alternate");
  }

  @Test
  void invalidUtf8() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(GOOD.getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes("{\"question\": \"".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xFF);
    bytes.writeBytes("\", \"answer\": \"2\"}\n".getBytes(StandardCharsets.UTF_8));
    Files.write(data, bytes.toByteArray());
    prepareAndTrainFail(recipe(), "", data + ":2: the line is not valid UTF-8: byte 0xFF");
  }

  @Test
  void lineOfFiftyMegabytes() throws IOException {
    byte[] part = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(data)) {
      out.write((GOOD + "{\"question\": \"").getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < 50; i++) {
        out.write(part);
      }
      out.write("\", \"answer\": \"2\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    prepareAndTrainFail(recipe(), "", data + ":2: ", "is larger than 16777216 bytes");
  }

  @Test
  void nothingIsLeft() throws IOException {
    Files.writeString(data, "{\"question\": \"a\", \"answer\": \"\"}\n".repeat(4));
    prepareAndTrainFail(
        recipe(),
        "",
        "source sums has no sample to train on: read 4 records",
        "4 conversations without a question and its answer");
    Files.writeString(data, GOOD.repeat(3));
    prepareAndTrainFail(
        recipe(),
        "sources.sums.prepare.filters=[{part: text, regex: \"[0-9]\", action: drop}]",
        "source sums has no sample to train on: read 3 records",
        "3 conversations that a filter left out");
  }

  @Test
  void shareOutOfRange() throws IOException {
    Path recipe = recipe("sources:", "  sums: {role: general, files: [%s]}".formatted(data));
    for (String k : List.of("-0.1", "1.01", ".nan")) {
      planFailsToo(recipe, "strategy={name: dmt, k: %s}".formatted(k), "k must be in [0, 1], got");
    }
  }

  @Test
  void stageWithoutSources() throws IOException {
    planFailsToo(
        recipe(),
        "strategy={name: custom, stages: [{name: first, sources: {}}]}",
        "a stage needs at least one source");
  }

  @Test
  void twoSourcesOfOneName() throws IOException {
    Path recipe =
        recipe(
            "sources:",
            "  sums: {role: general, files: [%s]}".formatted(data),
            "  sums: {role: general, files: [%s]}".formatted(data));
    planFailsToo(recipe, "", "r.yaml:4: \"sums\" is given twice, first at", "r.yaml:3");
  }

  @Test
  void misspeltKeys() throws IOException {
    Path recipe =
        recipe("sources:", "  sums: {role: general, flies: [%s]}".formatted(data), "trainning: {}");
    planFailsToo(
        recipe,
        "",
        "r.yaml:3: unknown key sources.sums.flies; did you mean sources.sums.files?",
        "r.yaml:4");
  }

  @Test
  void templateWithoutAKindOfTurn() throws IOException {
    Files.writeString(
        data,
        "{\"messages\": [{\"role\": \"system\", \"content\": \"s\"},"
            + " {\"role\": \"user\", \"content\": \"a\"},"
            + " {\"role\": \"assistant\", \"content\": \"b\"}]}\n");
    prepareAndTrainFail(
        recipe(),
        "data.template=alpaca",
        data + ":1: template alpaca cannot express a system turn");
    Files.writeString(data, "{\"text\": \"Once upon a time.\"}\n");
    prepareAndTrainFail(
        recipe(), "", data + ":1: template vicuna_v1.1 cannot express a text without a question");
  }
}
