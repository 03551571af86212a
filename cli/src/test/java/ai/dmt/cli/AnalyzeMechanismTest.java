package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.attention.HeadSamples;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.SourceFiles;
import ai.dmt.engine.AttentionHead;
import ai.dmt.engine.EngineConfig;
import ai.dmt.evaluation.HeldOutData;
import ai.dmt.model.Model;
import ai.dmt.model.TaskArithmetic;
import ai.dmt.model.TaskArithmetic.Term;
import ai.dmt.tensors.SafetensorsFile;
import ai.dmt.tensors.TensorEntry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads and task vectors: of models whose weights differ in one known place, and of a study. */
@Tag("native")
class AnalyzeMechanismTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HEAD_DIM = 8; // of the tiny model: 32 / 4

  @TempDir private Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    output = folder.resolve("out");
    write("sums", "What is %s plus %s?");
    write("tales", "Tell me a story of a girl and her dog, number %s, %s pages.");
  }

  private void write(String name, String question) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      String asked = question.formatted(i, i + 1);
      lines.append("{\"question\": \"%s\", \"answer\": \"%s\"}\n".formatted(asked, i));
    }
    Files.writeString(folder.resolve(name + ".jsonl"), lines);
  }

  /**
   * A copy in which a head's part of a matrix is multiplied: rows of queries, columns of outputs.
   */
  private Path changed(String name, String tensor, int head, float factor) throws IOException {
    Path copy = TinyModel.copy(model, folder.resolve(name));
    Files.deleteIfExists(copy.resolve("SHA256SUMS"));
    Path file = copy.resolve("model.safetensors");
    SafetensorsFile read = SafetensorsFile.open(file);
    TensorEntry entry = read.tensors().get(tensor);
    float[] values = read.floats(entry);
    int columns = Math.toIntExact(entry.shape().get(1));
    for (int i = 0; i < values.length; i++) {
      boolean rows = tensor.contains("q_proj");
      int place = rows ? i / columns : i % columns;
      values[i] *= place / HEAD_DIM == head ? factor : 1;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
      channel.write(bytes, Files.size(file) - dataBytes(read) + entry.begin());
    }
    return copy;
  }

  private static long dataBytes(SafetensorsFile file) {
    return file.tensors().values().stream().mapToLong(TensorEntry::end).max().orElseThrow();
  }

  private JsonNode attention(Path before, Path after, Object... more) throws IOException {
    List<Object> words = new ArrayList<>(List.of("analyze", "attention", "--model", before));
    words.addAll(List.of("--compare", after, "--output", output));
    words.addAll(List.of("--data", "sums=" + folder.resolve("sums.jsonl")));
    words.add("tales=" + folder.resolve("tales.jsonl"));
    words.addAll(List.of(more));
    Dmt.run(words.toArray()).succeeds();
    return JSON.readTree(output.resolve("attention.json").toFile()).path("heads");
  }

  /** Queries of one head of the second layer are larger: it and it alone looks elsewhere. */
  @Test
  void theHeadThatChangedIsFound() throws IOException {
    Path sharp = changed("sharp", "model.layers.1.self_attn.q_proj.weight", 2, 400);
    JsonNode heads = attention(model, sharp, "--no-importance");
    assertEquals(8, heads.size());
    for (JsonNode head : heads) {
      boolean planted = head.path("layer").asInt() == 1 && head.path("head").asInt() == 2;
      assertEquals(planted, head.path("changeP").asDouble() < 0.05, head::toString);
      assertEquals(planted, head.at("/all/moved").asDouble() > 1e-3, head::toString);
    }
    assertTrue(Files.exists(output.resolve("figures/moved.png")));
  }

  @Test
  void aModelIsLikeItself() throws IOException {
    for (JsonNode head : attention(model, model)) {
      assertEquals(0, head.at("/all/moved").asDouble());
      assertEquals(1, head.path("changeP").asDouble());
      assertEquals(1, head.path("sourceP").asDouble());
      assertEquals(head.at("/worth/0"), head.at("/worth/1"));
    }
  }

  /** A head is worth nothing where its columns are 0, and leaving it out is as good as zeros. */
  @Test
  void leavingAHeadOutEqualsColumnsOfZero() throws IOException {
    Path without = changed("without", "model.layers.0.self_attn.o_proj.weight", 1, 0);
    JsonNode heads = attention(model, without);
    assertEquals(0, heads.get(1).at("/worth/1/sums/log").asDouble(), "it gives nothing there");
    AttentionHead head = new AttentionHead(0, 1);
    EngineConfig config = EngineConfig.inference();
    HeldOutData data;
    try (Model opened = Model.open(model, config)) {
      SourceFiles sums = SourceFiles.of("sums", List.of(folder.resolve("sums.jsonl")));
      data = HeldOutData.of(List.of(sums), opened, ChatTemplate.byName("vicuna_v1.1"), 0);
    }
    HeadSamples whole = HeadSamples.of(model, model, config, data, true);
    HeadSamples zeros = HeadSamples.of(without, model, config, data, true);
    double left = whole.without().get(head).get("sums").value();
    double there = whole.losses().get("sums").value();
    assertEquals(zeros.losses().get("sums").value(), left, 1e-6);
    assertTrue(Math.abs(left - there) > 1e-6, "the head adds something: " + (left - there));
  }

  @Test
  void modelsOfAStudyAreComparedOverItsSeeds() throws IOException {
    Path preset = folder.resolve("mini.yaml");
    Files.write(
        preset,
        List.of(
            "name: mini",
            "recipe:",
            "  model: " + model,
            "  sources:",
            "    sums: {role: specialized, files: [sums.jsonl]}",
            "    tales: {role: general, files: [tales.jsonl]}",
            "  data: {cutoff_len: 512, eval_fraction: 0.25}",
            "  training: {num_train_epochs: 1, global_train_batch_size: 4, learning_rate: 1e-2}",
            "  engine: {threads: 1}",
            "data_dir: " + folder,
            "seeds: 2"));
    Path study = folder.resolve("study");
    Dmt.run("study", "strategies", "--preset", preset, "--output", study).succeeds();
    String stage = "mixed-sequential, stage 1";
    String out = ofStudy(study, "--model", stage, "--compare", "mixed-sequential").succeeds();
    assertTrue(out.contains("over 2 seeds: sums 0."), out);
    JsonNode found = JSON.readTree(output.resolve("attention.json").toFile());
    assertEquals(2, found.at("/drift/seeds").asInt());
    assertEquals(stage, found.at("/names/0").asText());
    JsonNode moved = found.at("/drift/sources/0/moved");
    assertTrue(moved.path("value").asDouble() > 0, moved::toString);
    assertEquals(2, moved.path("interval").size());
    ofStudy(study, "--compare", "multi-task", "--seeds", 1, "--no-importance").succeeds();
    found = JSON.readTree(output.resolve("attention.json").toFile());
    assertEquals("base model", found.at("/names/0").asText());
    assertTrue(found.at("/drift/sources/0/moved/interval").isNull());
    ofStudy(study, "--compare", "multi-task", "--seeds", 3)
        .fails(ExitCode.USAGE, "--seeds must be at most 2, of which there are models, got 3");
    ofStudy(study, "--compare", "multitask").fails(ExitCode.USAGE, "did you mean multi-task?");
    ofStudy(study, "--compare", "multi-task, stage 2")
        .fails(ExitCode.USAGE, "has the stages 1 to 1, got 2");
    ofStudy(study, "--compare", "multi-task", "--data", "a=b")
        .fails(ExitCode.USAGE, "leave out --data");
    ofStudy(folder, "--compare", "multi-task").fails(ExitCode.USAGE, "there is no study.yaml");
    Dmt.run("analyze", "independence", study, "--controls", 1, "--output", output).succeeds();
    found = JSON.readTree(output.resolve("independence.json").toFile());
    assertEquals(2, found.path("abilities").size(), found::toString);
  }

  private Dmt ofStudy(Path study, Object... more) {
    List<Object> words = new ArrayList<>(List.of("analyze", "attention", study));
    words.addAll(List.of("--samples", 3, "--output", output));
    words.addAll(List.of(more));
    return Dmt.run(words.toArray());
  }

  @Test
  void taskVectorsOfFoldersAreMeasured() throws IOException {
    Path tuned = changed("tuned", "model.layers.0.self_attn.o_proj.weight", 1, 3);
    Path joint = folder.resolve("joint");
    TaskArithmetic.write(model, List.of(new Term(model, tuned, 1)), joint);
    List<Object> words = new ArrayList<>(List.of("analyze", "independence", "--base", model));
    words.addAll(List.of("--joint", joint, "--tuned", "sums=" + tuned, "tales=" + model));
    words.addAll(List.of("--held-out", "sums=" + folder.resolve("sums.jsonl")));
    words.add("tales=" + folder.resolve("tales.jsonl"));
    words.addAll(List.of("--factors=-1,1", "--factor=-1", "--controls", 1, "--output", output));
    Dmt.run(words.toArray()).succeeds();
    JsonNode found = JSON.readTree(output.resolve("independence.json").toFile());
    assertEquals(6, found.path("changes").size());
    for (JsonNode change : found.path("changes")) {
      if (change.path("ability").asText().equals("tales")) {
        assertEquals(0, change.at("/losses/sums/log").asDouble(), "tuned is the base there");
      }
    }
    assertTrue(Files.exists(output.resolve("figures/vector-0.png")));
    words.set(words.indexOf("--factor=-1"), "--factor=2");
    Dmt.run(words.toArray()).fails(ExitCode.USAGE, "factor 2.0 is none of [-1.0, 1.0]");
    Dmt.run("analyze", "independence", "--output", output)
        .fails(ExitCode.USAGE, "name the folder of a study, or --base");
    Dmt.run("analyze", "independence", folder, "--output", output)
        .fails(ExitCode.USAGE, "holds no study: there is no study.yaml");
  }
}
