package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import ai.dmt.recipe.RecipeReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken data and recipes are refused or read; none takes long or leaves a trace. */
class DataFuzzTest {
  private static final String JSON_LINES =
      """
      {"question": "a 1", "answer": "b", "weight": 1, "id": 7, "tools": [{"name": "w"}]}
      {"instruction": "i", "input": "x", "output": "o", "history": [["q", "a"]]}
      {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}], "system": "s"}
      {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]},\
       {"role": "assistant", "content": "b", "weight": 0.5}], "tags": [{"tag": "t"}]}
      {"text": "plain \\u00e9 \\ud83d\\ude00", "score": NaN}
      """;

  private static final String RECIPE =
      """
      name: "r"
      model: folder
      sources:
        math: {role: specialized, files: [a.jsonl, b.jsonl], fraction: 1/4, samples: 100}
        general:
          role: general
          format: sharegpt
          fields: {conversations: dialog}
          files: ["c.jsonl"]
          samples: 3000
          prepare: {min_characters: 16, filters: [{part: tags, regex: "(?i)code", action: drop}]}
      strategy: {name: dmt, k: 1/256}
      training:
        learning_rate: 2e-5
        lr_scheduler_type: cosine
        warmup_ratio: 0.03
        epochs: 3
      data: {template: vicuna_v1.1, cutoff_len: 2048, eval_fraction: 0.01}
      """;

  private static final MessageType ROW =
      MessageTypeParser.parseMessageType(
          "message row { optional binary question (STRING); optional binary answer (STRING);"
              + " optional int64 id; repeated double scores; optional group list (LIST) {"
              + " repeated group list { optional binary element (STRING); } } }");

  /** A reader of records: behind each broken one, then up to the first. */
  abstract static class Records implements FuzzedReader {
    @Override
    public void read(Path file) {
      readAll(file, ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(1000)));
      readAll(file, ReadOptions.defaults());
    }

    private static void readAll(Path file, ReadOptions options) {
      try (ConversationReader reader = ConversationReader.open(file, options)) {
        reader.forEachRemaining(conversation -> {});
      }
    }

    @Override
    public List<Class<? extends Exception>> refusals() {
      return List.of(DataException.class);
    }
  }

  /** JSON lines and arrays. */
  public static final class JsonReader extends Records {
    @Override
    public List<byte[]> samples() {
      String array = "[" + JSON_LINES.strip().replace("}\n{", "},\n{") + "]";
      return List.of(
          JSON_LINES.getBytes(StandardCharsets.UTF_8), array.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String fileName() {
      return "d.jsonl";
    }
  }

  /** Parquet. */
  public static final class ParquetReader extends Records {
    @Override
    public List<byte[]> samples() throws IOException {
      Path file = Files.createTempFile("sample", ".parquet");
      Files.delete(file);
      try {
        try (ParquetWriter<Group> writer =
            ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withConf(new PlainParquetConfiguration())
                .withType(ROW)
                .build()) {
          for (int row = 0; row < 20; row++) {
            Group group = new SimpleGroupFactory(ROW).newGroup();
            group.append("question", "q" + row).append("answer", "a").append("id", (long) row);
            group.append("scores", 0.5);
            group.addGroup("list").addGroup("list").append("element", "e");
            writer.write(group);
          }
        }
        return List.of(Files.readAllBytes(file));
      } finally {
        Files.deleteIfExists(file);
      }
    }

    @Override
    public String fileName() {
      return "d.parquet";
    }
  }

  /** Recipes. */
  public static final class YamlReader implements FuzzedReader {
    @Override
    public List<byte[]> samples() {
      return List.of(RECIPE.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String fileName() {
      return "r.yaml";
    }

    @Override
    public void read(Path file) {
      RecipeReader.read(file, List.of());
    }

    @Override
    public List<Class<? extends Exception>> refusals() {
      return List.of(ConfigException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {JsonReader.class, ParquetReader.class, YamlReader.class})
  void mutantsDoNoHarm(Class<? extends FuzzedReader> reader, @TempDir Path work)
      throws IOException, InterruptedException {
    int count = FuzzRun.count(300);
    FuzzRun.Outcome outcome = FuzzRun.of(reader, Long.getLong("dmt.fuzz.seed", 1), count, work);
    assertEquals(List.of(), outcome.harm());
    assertEquals(count, outcome.read() + outcome.refused());
    assertTrue(outcome.read() > 0, outcome::toString);
    assertTrue(outcome.refused() > count / 10, outcome::toString);
  }
}
