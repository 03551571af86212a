package ai.dmt.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.AlpacaTemplate;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.ConversationFilter;
import ai.dmt.data.DataException;
import ai.dmt.data.FieldMapping;
import ai.dmt.data.PreparationConfig;
import ai.dmt.data.PreparedSample;
import ai.dmt.data.ReadOptions;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.Topic;
import ai.dmt.data.VicunaTemplate;
import ai.dmt.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcePreparerTest {
  @TempDir private Path folder;
  private Path cache;
  private Path data;
  private Path tokenizerFile;
  private final List<String> notices = new ArrayList<>();

  @BeforeEach
  void writeData() throws IOException {
    cache = folder.resolve("cache");
    tokenizerFile = Files.writeString(folder.resolve("tokenizer.model"), "bytes");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 5000; i++) { // more than one block of the file
      lines.append(
          "{\"question\": \"%s \u00e9 %s\", \"answer\": \"%s\"}\n"
              .formatted("long ".repeat(40 + i % 9), i, i));
    }
    data = Files.writeString(folder.resolve("d.jsonl"), lines);
  }

  private SourceFiles source() {
    return SourceFiles.of("s", List.of(data));
  }

  private SourcePreparer preparer(ChatTemplate template, SampleLimits limits) {
    return new SourcePreparer(
        template,
        new ByteTokenizer(),
        tokenizerFile,
        limits,
        new CacheUse(Optional.of(new SampleCache(cache)), notices::add));
  }

  private SourcePreparer.Result prepare(SourceFiles source, List<PreparedSample> into) {
    return preparer(new VicunaTemplate(), SampleLimits.truncateAt(400)).prepare(source, into::add);
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.sorted().toList();
    }
  }

  private static void assertSame(List<PreparedSample> one, List<PreparedSample> other) {
    assertEquals(one.size(), other.size());
    for (int i = 0; i < one.size(); i++) {
      PreparedSample a = one.get(i);
      PreparedSample b = other.get(i);
      assertEquals(a.sample().id(), b.sample().id());
      assertEquals(a.sample().origin(), b.sample().origin());
      assertArrayEquals(a.sample().tokenIds(), b.sample().tokenIds());
      assertArrayEquals(a.sample().carriesLoss(), b.sample().carriesLoss());
      assertEquals(
          List.of(a.turns(), a.wholeTokens(), a.wholeLabelTokens()),
          List.of(b.turns(), b.wholeTokens(), b.wholeLabelTokens()));
      assertEquals(a.conversationHash(), b.conversationHash());
      assertEquals(a.promptHash(), b.promptHash());
    }
  }

  @Test
  void cachedSamplesAreThoseThatWereMade() throws IOException {
    List<PreparedSample> made = new ArrayList<>();
    List<PreparedSample> read = new ArrayList<>();
    SourcePreparer.Result first = prepare(source(), made);
    SourcePreparer.Result second = prepare(source(), read);
    assertFalse(first.cached());
    assertTrue(second.cached());
    assertSame(made, read);
    assertTrue(made.stream().anyMatch(PreparedSample::truncated));
    assertEquals(first.summary().drops().asMap(), second.summary().drops().asMap());
    assertEquals(first.summary().records(), second.summary().records());
    assertEquals(1, entries().size(), "nothing unfinished stays");
    assertTrue(Files.size(entries().get(0)) > 1 << 20, "several blocks");
  }

  @Test
  void damagedEntryIsNamedAndMadeAgain() throws IOException {
    List<PreparedSample> made = new ArrayList<>();
    prepare(source(), made);
    Path entry = entries().get(0);
    byte[] whole = Files.readAllBytes(entry);
    List<byte[]> damaged = new ArrayList<>();
    for (int at : new int[] {0, 9, 14, 5000, whole.length / 2, whole.length - 30}) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      damaged.add(changed);
    }
    for (int length : new int[] {0, 5, 100, whole.length / 2, whole.length - 1}) {
      damaged.add(Arrays.copyOf(whole, length));
    }
    for (byte[] bytes : damaged) {
      notices.clear();
      Files.write(entry, bytes);
      List<PreparedSample> again = new ArrayList<>();
      assertFalse(prepare(source(), again).cached());
      assertEquals(1, notices.size());
      assertTrue(notices.get(0).contains(entry + " of source s is damaged: "), notices::toString);
      assertSame(made, again);
      assertArrayEquals(whole, Files.readAllBytes(entry), "whole again, and the same");
    }
  }

  @Test
  void whatSamplesDependOnIsInTheKey() throws IOException {
    Set<String> keys = new TreeSet<>();
    SampleLimits limits = SampleLimits.truncateAt(400);
    keys.add(key(source(), new VicunaTemplate(), limits));
    assertFalse(keys.add(key(source(), new VicunaTemplate(), limits)), "equal");
    SourceFiles other =
        new SourceFiles(
            "another name",
            source().files(),
            ReadOptions.defaults(),
            PreparationConfig.none(),
            Long.MAX_VALUE);
    assertFalse(keys.add(key(other, new VicunaTemplate(), limits)), "names do not matter");

    assertTrue(keys.add(key(source(), new AlpacaTemplate(), limits)), "template");
    assertTrue(keys.add(key(source(), new VicunaTemplate(), SampleLimits.truncateAt(401))));
    assertTrue(keys.add(key(with(ReadOptions.defaults().withFormat("gsm8k")))), "format");
    assertTrue(
        keys.add(
            key(with(ReadOptions.defaults().withFields(new FieldMapping(Map.of("id", "x")))))));
    assertTrue(keys.add(key(with(PreparationConfig.fastChat(100)))), "preparation");
    assertTrue(
        keys.add(
            key(
                with(
                    PreparationConfig.none()
                        .withFilters(
                            List.of(
                                new ConversationFilter(
                                    ConversationFilter.Part.TEXT,
                                    "x",
                                    ConversationFilter.Action.DROP)))))),
        "filters");
    assertTrue(
        keys.add(key(with(PreparationConfig.none().withExclude(List.of(Topic.CODE))))), "topics");
    Files.writeString(tokenizerFile, "other bytes");
    assertTrue(keys.add(key(source())), "tokenizer");
    Files.writeString(data, Files.readString(data) + "\n");
    assertTrue(keys.add(key(source())), "bytes of the data");
    Path moved = Files.move(data, folder.resolve("e.jsonl"));
    assertTrue(keys.add(key(SourceFiles.of("s", List.of(moved)))), "ids have file names");
  }

  private SourceFiles with(ReadOptions options) {
    return new SourceFiles("s", List.of(data), options, PreparationConfig.none(), Long.MAX_VALUE);
  }

  private SourceFiles with(PreparationConfig preparation) {
    return new SourceFiles("s", List.of(data), ReadOptions.defaults(), preparation, Long.MAX_VALUE);
  }

  private String key(SourceFiles source) {
    return key(source, new VicunaTemplate(), SampleLimits.truncateAt(400));
  }

  private String key(SourceFiles source, ChatTemplate template, SampleLimits limits) {
    return CacheKey.of(source, template, limits, new ByteTokenizer(), tokenizerFile);
  }

  @Test
  void faultLeavesNothingBehind() throws IOException {
    Files.writeString(data, "{\"question\": \"a\", \"answer\": \"b\"}\n{\"question\": 1\n");
    assertThrows(DataException.class, () -> prepare(source(), new ArrayList<>()));
    assertEquals(List.of(), entries());
  }
}
