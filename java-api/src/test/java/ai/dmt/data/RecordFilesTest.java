package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kinds of files, each told by its first bytes. */
class RecordFilesTest {
  private static final String LINES =
      "{\"question\": \"a\", \"answer\": \"b\"}\n{\"question\": \"c\", \"answer\": \"d\"}\n";

  @TempDir private Path folder;

  private static List<Conversation> all(Path file, ReadOptions options) {
    try (ConversationReader reader = ConversationReader.open(file, options)) {
      List<Conversation> all = new ArrayList<>();
      reader.forEachRemaining(all::add);
      return all;
    }
  }

  private static List<Conversation> all(Path file) {
    return all(file, ReadOptions.defaults());
  }

  private static List<String> questions(List<Conversation> conversations) {
    return conversations.stream().map(c -> c.turns().get(0).text()).toList();
  }

  /** Compression of a file's content, by the name of the file. */
  private Path write(String kind, String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (kind) {
          case "gzip" -> new GZIPOutputStream(bytes);
          case "zstd" -> new ZstdOutputStream(bytes);
          default -> bytes;
        }) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return Files.write(folder.resolve("named-without-ending"), bytes.toByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gzip", "zstd"})
  void linesAndArraysAreReadWhateverTheCompression(String kind) throws IOException {
    assertEquals(List.of("a", "c"), questions(all(write(kind, LINES))));
    String array = "[" + LINES.strip().replace("}\n", "},\n") + "]";
    List<Conversation> read = all(write(kind, array));
    assertEquals(List.of("a", "c"), questions(read));
    assertEquals(2, read.get(1).origin().line());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void cutOffCompressedFileIsAnError(String kind) throws IOException {
    Path file = write(kind, LINES.repeat(1000));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    String message = assertThrows(DataException.class, () -> all(file)).getMessage();
    assertTrue(message.startsWith(file + ": cannot be read: "), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void brokenCompressedFileIsAnError(String kind) throws IOException {
    Path file = write(kind, LINES.repeat(1000));
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 20, 40, (byte) 0x5A);
    Files.write(file, bytes);
    String message = assertThrows(DataException.class, () -> all(file)).getMessage();
    assertTrue(message.startsWith(file + ": cannot be read: "), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void severalMembersOrFramesAreOneFile(String kind) throws IOException {
    byte[] one = Files.readAllBytes(write(kind, LINES));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      all.writeBytes(one);
    }
    Path file = Files.write(folder.resolve("many"), all.toByteArray());
    assertEquals(200, all(file).size());
    byte[] bytes = all.toByteArray();
    Files.write(file, Arrays.copyOf(bytes, bytes.length - one.length / 2));
    String message = assertThrows(DataException.class, () -> all(file)).getMessage();
    assertTrue(message.startsWith(file + ": cannot be read: "), message);
  }

  /** As pzstd writes them: a frame to skip in front of each that holds something. */
  @Test
  void framesThatZstdSkipsHoldNothing() throws IOException {
    byte[] one = Files.readAllBytes(write("zstd", LINES));
    byte[] skipped = {0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] frame : List.of(skipped, one, skipped, skipped, one, skipped)) {
      all.writeBytes(frame);
    }
    Path file = Files.write(folder.resolve("pzstd"), all.toByteArray());
    assertEquals(List.of("a", "c", "a", "c"), questions(all(file)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void linesEndAsAnySystemEndsThem(String end) throws IOException {
    Path file = write("plain", "\ufeff" + end + LINES.strip().replace("\n", end + end));
    List<Conversation> read = all(file);
    assertEquals(List.of("a", "c"), questions(read));
    assertEquals(2, read.get(0).origin().line());
    assertEquals(4, read.get(1).origin().line());
    write("plain", "[" + end + LINES.strip().replace("\n", "," + end) + end + "]");
    assertEquals(3, all(file).get(1).origin().line());
  }

  @Test
  void utf16IsRefusedByName() throws IOException {
    Path file = Files.write(folder.resolve("w.jsonl"), LINES.getBytes(StandardCharsets.UTF_16));
    String message = assertThrows(DataException.class, () -> all(file)).getMessage();
    assertTrue(
        message.startsWith(file + ": cannot be read: it is UTF-16, expected UTF-8"), message);
  }

  @Test
  void whatNobodyReadsMayBeAnyValueOfPythons() throws IOException {
    String record = "{\"question\": \"a\", \"answer\": \"b\", \"score\": %s}\n";
    for (String value : List.of("NaN", "-Infinity", "[Infinity, 1e999]", "1e400", "null")) {
      assertEquals(1, all(write("plain", record.formatted(value))).size(), value);
    }
  }

  @Test
  void keysThatOccurTwiceAndDeepNestingAreFaults() throws IOException {
    Path file = write("plain", "{\"question\": \"a\", \"answer\": \"b\", \"answer\": \"c\"}\n");
    String twice = assertThrows(DataException.class, () -> all(file)).getMessage();
    assertTrue(twice.startsWith(file + ":1: malformed JSON: key \"answer\" occurs twice;"), twice);
    write("plain", "{\"a\": " + "[".repeat(1_000_000) + "]".repeat(1_000_000) + "}\n");
    String deep = assertThrows(DataException.class, () -> all(file)).getMessage();
    assertTrue(deep.contains("it is nested deeper than 200 levels"), deep);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gzip", "zstd"})
  void lineOf50MegabytesIsAnErrorWithItsPlaceAndNeedsLittleMemory(String kind) throws IOException {
    String large = "{\"question\": \"" + "x".repeat(50_000_000) + "\", \"answer\": \"b\"}\n";
    Path file = write(kind, LINES + large + LINES);
    String expected =
        file + ":3: the record is larger than 16777216 bytes; split it, or raise max_record_bytes";
    assertEquals(expected, assertThrows(DataException.class, () -> all(file)).getMessage());
    ReadOptions skipping = ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(1));
    assertEquals(List.of("a", "c", "a", "c"), questions(all(file, skipping)));
    ReadOptions larger = ReadOptions.defaults().withMaxRecordBytes(60_000_000);
    assertEquals(5, all(file, larger).size());
  }

  @Test
  void largeElementOfAnArrayIsAnErrorToo() throws IOException {
    Path file =
        write("plain", "[\n{\"question\": \"%s\", \"answer\": \"b\"}]".formatted("x".repeat(99)));
    DataException e =
        assertThrows(
            DataException.class, () -> all(file, ReadOptions.defaults().withMaxRecordBytes(64)));
    assertEquals(
        file + ":2: the record is larger than 64 bytes; split it, or raise max_record_bytes",
        e.getMessage());
  }

  /** 1.2 GB of records; the tests' heap is 1 GB. */
  @Test
  void fileMayBeLargerThanTheHeap() throws IOException {
    String record = "{\"question\": \"%s\", \"answer\": \"b\"}\n".formatted("x".repeat(99_900));
    byte[] member = Files.readAllBytes(write("gzip", record.repeat(100)));
    Path file = folder.resolve("large.gz");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 120; i++) {
        out.write(member);
      }
    }
    try (ConversationReader reader = ConversationReader.open(file)) {
      while (reader.hasNext()) {
        reader.next();
      }
      assertEquals(12_000, reader.records());
    }
  }

  @Test
  void recordAtFaultIsSkippedUpToTheLimitAndCounted() throws IOException {
    Path file =
        write("plain", "{\"question\": \n" + LINES + "[3]\n{\"question\": 3, \"answer\": \"b\"}\n");
    ReadOptions three = ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(3));
    try (ConversationReader reader = ConversationReader.open(file, three)) {
      assertEquals("a", reader.next().turns().get(0).text());
      assertEquals("c", reader.next().turns().get(0).text());
      assertEquals(false, reader.hasNext());
      assertEquals(3, reader.drops().of(DropReason.RECORD_AT_FAULT));
      assertEquals(5, reader.records());
      assertTrue(reader.firstFault().startsWith(file + ":1: malformed JSON"), reader.firstFault());
    }
    ReadOptions two = ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(2));
    assertEquals(
        file
            + ": more than 2 records are at fault, the limit of what may be skipped; the next one"
            + " is "
            + file
            + ":5: \"question\" must be a string, got NUMBER",
        assertThrows(DataException.class, () -> all(file, two)).getMessage());
  }

  @Test
  void malformedElementOfAnArrayIsSkippedWithoutLosingItsNeighbours() throws IOException {
    Path file =
        write(
            "plain",
            "[{\"question\": \"a\", \"answer\": \"]}\\\"\"}, {oops: [1]}, {\"question\": \"c\","
                + " \"answer\": \"d\"}]");
    ReadOptions skipping = ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(9));
    assertEquals(List.of("a", "c"), questions(all(file, skipping)));
  }

  @Test
  void missingCommaEndsTheReadingWhateverThePolicy() throws IOException {
    Path file = write("plain", "[{\"question\": \"a\", \"answer\": \"b\"}\n{}]");
    ReadOptions skipping = ReadOptions.defaults().withSkipPolicy(SkipPolicy.skip(9));
    assertEquals(
        file + ":2: malformed JSON: \"{\" after a record; expected \",\" or \"]\"",
        assertThrows(DataException.class, () -> all(file, skipping)).getMessage());
  }

  @Test
  void invalidUtf8InAnArrayNamesTheLineOfTheByte() throws IOException {
    byte[] bytes =
        "[\n{\"question\": \"a\",\n \"answer\": \"?\"}]".getBytes(StandardCharsets.UTF_8);
    bytes[bytes.length - 4] = (byte) 0xFF;
    Path file = Files.write(folder.resolve("latin.json"), bytes);
    assertEquals(
        file + ":3: the line is not valid UTF-8: byte 0xFF",
        assertThrows(DataException.class, () -> all(file)).getMessage());
  }
}
