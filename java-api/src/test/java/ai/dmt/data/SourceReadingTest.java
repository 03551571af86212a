package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.internal.work.OrderedWorkers;
import ai.dmt.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceReadingTest {
  private static final SampleLimits LIMITS =
      new SampleLimits(400, SampleLimits.Overlong.TRUNCATE, SampleLimits.AllMasked.DROP);

  @TempDir private Path folder;

  /** Conversations of different lengths; some are cut, some repeat, some have no answer. */
  private Path write(int records, String last) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < records; i++) {
      lines.append(
          "{\"question\": \"%s\", \"answer\": \"%s\"}\n"
              .formatted("q".repeat(i * 7919 % 500), i % 50 == 49 ? "" : "a" + i % 300));
    }
    return Files.writeString(folder.resolve("d.jsonl"), lines + last);
  }

  private SourceSummary read(Path file, int threads, long limit, List<PreparedSample> into) {
    PreparationConfig preparation =
        PreparationConfig.fastChat(300).withSplit(new SplitConfig(300, SplitConfig.LastPair.LOSE));
    SourceFiles source =
        new SourceFiles("s", List.of(file), ReadOptions.defaults(), preparation, limit);
    return new SourceReading(
            source, new VicunaTemplate(), new ByteTokenizer(), LIMITS, new OrderedWorkers(threads))
        .read(into::add);
  }

  @Test
  void threadsMakeNoDifference() throws IOException {
    Path file = write(3000, "");
    for (long limit : new long[] {Long.MAX_VALUE, 700, 20}) {
      List<PreparedSample> one = new ArrayList<>();
      List<PreparedSample> many = new ArrayList<>();
      SourceSummary alone = read(file, 1, limit, one);
      SourceSummary together = read(file, 5, limit, many);
      assertEquals(alone.drops().asMap(), together.drops().asMap());
      assertEquals(alone.leftOut(), together.leftOut());
      assertEquals(alone.empty(), together.empty());
      assertEquals(alone.drops().of(DropReason.EMPTY_CONVERSATION), alone.empty().size());
      assertEquals(alone.records(), together.records());
      assertEquals(one.size(), many.size());
      for (int i = 0; i < one.size(); i++) {
        assertEquals(one.get(i).sample().origin(), many.get(i).sample().origin());
        assertArrayEquals(one.get(i).sample().tokenIds(), many.get(i).sample().tokenIds());
        assertEquals(one.get(i).conversationHash(), many.get(i).conversationHash());
      }
      assertTrue(limit > 3000 || together.conversations() == limit, together::toString);
    }
  }

  @Test
  void cutAndLeftOutSamplesAreNamed() throws IOException {
    List<PreparedSample> samples = new ArrayList<>();
    SourceSummary summary = read(write(400, ""), 2, Long.MAX_VALUE, samples);
    assertEquals(400, summary.records());
    assertEquals(summary.samples(), samples.size());
    assertEquals(summary.conversations(), summary.samples() + summary.leftOut().size());
    long masked = summary.drops().of(DropReason.ALL_MASKED);
    assertTrue(masked > 0);
    assertEquals(masked, summary.leftOut().size());
    assertTrue(summary.leftOut().get(0).origin().toString().contains("d.jsonl:"));
    assertTrue(samples.stream().anyMatch(PreparedSample::truncated));
  }

  @Test
  void firstFaultInTheOrderOfTheFileIsTold() throws IOException {
    Path file = write(2000, "{\"question\": \"a\"\n{\"no\": 1}\n");
    DataException fault =
        assertThrows(DataException.class, () -> read(file, 4, Long.MAX_VALUE, new ArrayList<>()));
    assertTrue(fault.getMessage().contains("d.jsonl:2001"), fault::getMessage);
    assertEquals(100, read(file, 4, 100, new ArrayList<>()).conversations(), "it comes later");
  }
}
