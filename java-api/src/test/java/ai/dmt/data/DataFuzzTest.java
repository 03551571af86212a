package ai.dmt.data;

import static org.apache.parquet.hadoop.metadata.CompressionCodecName.SNAPPY;
import static org.apache.parquet.hadoop.metadata.CompressionCodecName.UNCOMPRESSED;
import static org.apache.parquet.hadoop.metadata.CompressionCodecName.ZSTD;

import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken data is refused or read; none takes long or leaves a trace. */
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

  /** JSON lines in gzip and zstd. */
  public static final class CompressedReader extends Records {
    @Override
    public List<byte[]> samples() throws IOException {
      byte[] lines = JSON_LINES.repeat(20).getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream gzip = new ByteArrayOutputStream();
      try (OutputStream out = new GZIPOutputStream(gzip)) {
        out.write(lines);
      }
      ByteArrayOutputStream zstd = new ByteArrayOutputStream();
      try (OutputStream out = new ZstdOutputStream(zstd)) {
        out.write(lines);
      }
      return List.of(gzip.toByteArray(), zstd.toByteArray());
    }

    @Override
    public String fileName() {
      return "d.jsonl.packed";
    }
  }

  /** Parquet. */
  public static final class ParquetReader extends Records {
    @Override
    public List<byte[]> samples() throws IOException {
      List<byte[]> samples = new ArrayList<>();
      Path folder = Files.createTempDirectory("samples");
      for (CompressionCodecName codec : List.of(UNCOMPRESSED, SNAPPY, ZSTD)) {
        Path file = folder.resolve("x.parquet");
        ParquetRecordsTest.write(file, codec, ROW, Collections.nCopies(20, ParquetReader::fill));
        samples.add(Files.readAllBytes(file));
        Files.delete(file);
      }
      Files.delete(folder);
      return samples;
    }

    private static void fill(Group row) {
      row.append("question", "q").append("answer", "a").append("id", 7L).append("scores", 0.5);
      row.addGroup("list").addGroup("list").append("element", "e");
    }

    @Override
    public String fileName() {
      return "d.parquet";
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {JsonReader.class, CompressedReader.class, ParquetReader.class})
  void mutantsDoNoHarm(Class<? extends FuzzedReader> reader, @TempDir Path work)
      throws IOException, InterruptedException {
    FuzzRun.demandNoHarm(reader, 200, work);
  }
}
