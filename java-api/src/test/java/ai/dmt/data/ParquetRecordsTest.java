package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.airlift.compress.Compressor;
import io.airlift.compress.snappy.SnappyCompressor;
import io.airlift.compress.zstd.ZstdCompressor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParquetRecordsTest {
  private static final MessageType PAIRS =
      MessageTypeParser.parseMessageType(
          "message row { optional binary question (STRING); optional binary answer (STRING);"
              + " optional int64 id; optional double score; }");

  private static final MessageType MESSAGES =
      MessageTypeParser.parseMessageType(
          """
          message row { optional group messages (LIST) { repeated group list {
            optional group element {
              optional binary role (STRING); optional binary content (STRING); } } } }\
          """);

  @TempDir private Path folder;

  private Path write(CompressionCodecName codec, MessageType type, List<Consumer<Group>> rows)
      throws IOException {
    return write(folder.resolve("data.bin"), codec, type, rows);
  }

  static Path write(
      Path file, CompressionCodecName codec, MessageType type, List<Consumer<Group>> rows)
      throws IOException {
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(type)
            .withCodecFactory(new Compression())
            .withCompressionCodec(codec)
            .withRowGroupSize(4096L)
            .build()) {
      for (Consumer<Group> row : rows) {
        Group group = new SimpleGroupFactory(type).newGroup();
        row.accept(group);
        writer.write(group);
      }
    }
    return file;
  }

  private static List<Conversation> all(Path file, ReadOptions options) {
    try (ConversationReader reader = ConversationReader.open(file, options)) {
      List<Conversation> all = new ArrayList<>();
      reader.forEachRemaining(all::add);
      return all;
    }
  }

  private static Consumer<Group> pair(String question, String answer) {
    return row -> row.append("question", question).append("answer", answer).append("id", 7L);
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"UNCOMPRESSED", "SNAPPY", "ZSTD"})
  void rowsAreRecords(CompressionCodecName codec) throws IOException {
    List<Consumer<Group>> rows = new ArrayList<>();
    for (int i = 0; i < 1000; i++) { // several row groups
      rows.add(pair("question " + i, "answer " + i));
    }
    List<Conversation> read = all(write(codec, PAIRS, rows), ReadOptions.defaults());
    assertEquals(1000, read.size());
    assertEquals("answer 999", read.get(999).turns().get(1).text());
    assertEquals(1000, read.get(999).origin().line());
    assertEquals("7", read.get(0).id());
  }

  @Test
  void listsOfGroupsAreArraysOfObjects() throws IOException {
    Consumer<Group> row =
        group -> {
          Group list = group.addGroup("messages");
          list.addGroup("list").addGroup("element").append("role", "user").append("content", "a");
          list.addGroup("list")
              .addGroup("element")
              .append("role", "assistant")
              .append("content", "b");
        };
    Path file = write(CompressionCodecName.ZSTD, MESSAGES, List.of(row));
    assertEquals(
        Conversation.of(Turn.user("a"), Turn.assistant("b")).turns(),
        all(file, ReadOptions.defaults()).get(0).turns());
  }

  @Test
  void rowAtFaultIsNamedByItsNumberAndMaySkip() throws IOException {
    byte[] latin = {'a', (byte) 0xE9};
    Path file =
        write(
            CompressionCodecName.UNCOMPRESSED,
            PAIRS,
            List.of(
                pair("a", "b"),
                row -> row.append("question", "no answer"),
                row ->
                    row.append("question", Binary.fromConstantByteArray(latin))
                        .append("answer", "b"),
                pair("c", "d")));
    String message =
        assertThrows(DataException.class, () -> all(file, ReadOptions.defaults())).getMessage();
    assertTrue(message.startsWith(file + ":2: record has the fields [question], exp"), message);
    ReadOptions one = ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(1));
    assertTrue(
        assertThrows(DataException.class, () -> all(file, one))
            .getMessage()
            .endsWith(file + ":3: \"question\" is not valid UTF-8"));
    ReadOptions two = ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(2));
    assertEquals(2, all(file, two).size());
  }

  @Test
  void largeRowIsRefused() throws IOException {
    Path file =
        write(CompressionCodecName.ZSTD, PAIRS, List.of(pair("x".repeat(60), "y".repeat(60))));
    DataException e =
        assertThrows(
            DataException.class, () -> all(file, ReadOptions.defaults().withMaxRecordBytes(100)));
    assertEquals(
        file + ":1: the record is larger than 100 bytes; split it, or raise max_record_bytes",
        e.getMessage());
  }

  @Test
  void brokenFileIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("broken"), "PAR1 and then nothing of the kind");
    String message =
        assertThrows(DataException.class, () -> all(file, ReadOptions.defaults())).getMessage();
    assertTrue(message.startsWith(file + ": cannot be read as Parquet: "), message);
  }

  /** Writes pages for the test. */
  private static final class Compression implements CompressionCodecFactory {
    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
      Compressor compressor =
          codec == CompressionCodecName.SNAPPY ? new SnappyCompressor() : new ZstdCompressor();
      return new BytesInputCompressor() {
        @Override
        public BytesInput compress(BytesInput bytes) throws IOException {
          byte[] in = bytes.toInputStream().readAllBytes();
          if (codec == CompressionCodecName.UNCOMPRESSED) {
            return BytesInput.from(in);
          }
          byte[] out = new byte[compressor.maxCompressedLength(in.length)];
          return BytesInput.from(out, 0, compressor.compress(in, 0, in.length, out, 0, out.length));
        }

        @Override
        public CompressionCodecName getCodecName() {
          return codec;
        }

        @Override
        public void release() {}
      };
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void release() {}
  }
}
