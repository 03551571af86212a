package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.tokenizer.ByteTokenizer;
import ai.dmt.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleEncoderTest {
  private static final Conversation CONVERSATION =
      new Conversation(
          "x",
          new Origin("train.jsonl", 118),
          List.of(
              new Turn(Role.SYSTEM, "S"), Turn.user("Hi"), Turn.assistant("a rather long answer")));

  /** Tokens before the answer: begin token and "S USER: Hi ASSISTANT:". */
  private static final int PROMPT = 1 + 21;

  private static final int WHOLE = PROMPT + 21 + 1;

  private static SampleEncoder encoder(int length, SampleLimits.Overlong overlong) {
    return new SampleEncoder(
        new VicunaTemplate(),
        new ByteTokenizer(),
        new SampleLimits(length, overlong, SampleLimits.AllMasked.FAIL));
  }

  @Test
  void sampleOfExactlyTheSequenceLengthIsKeptWhole() {
    SampleEncoder encoder = encoder(WHOLE, SampleLimits.Overlong.FAIL);
    assertEquals(WHOLE, encoder.encode(CONVERSATION).orElseThrow().tokenIds().length);
    assertTrue(encoder.drops().isEmpty());
  }

  @Test
  void longerSampleIsAnErrorThatNamesPlaceAndKnobs() {
    SampleEncoder encoder = encoder(WHOLE - 1, SampleLimits.Overlong.FAIL);
    DataException e = assertThrows(DataException.class, () -> encoder.encode(CONVERSATION));
    assertEquals(
        "train.jsonl:118: sample has %s tokens, sequenceLength is %s; raise it or set"
                .formatted(WHOLE, WHOLE - 1)
            + " overlong=TRUNCATE or DROP",
        e.getMessage());
  }

  @Test
  void truncatingKeepsTheBeginningAndCounts() {
    SampleEncoder encoder = encoder(PROMPT + 5, SampleLimits.Overlong.TRUNCATE);
    EncodedSample sample = encoder.encode(CONVERSATION).orElseThrow();
    int[] whole = new VicunaTemplate().encode(CONVERSATION, new ByteTokenizer()).tokenIds();
    assertArrayEquals(Arrays.copyOf(whole, PROMPT + 5), sample.tokenIds());
    assertEquals(5, sample.labelTokens());
    assertEquals("1 samples cut at the sequence length", encoder.drops().toString());
  }

  @Test
  void sampleThatCuttingLeavesWithoutLossIsDroppedAndCounted() {
    SampleEncoder encoder = encoder(PROMPT, SampleLimits.Overlong.TRUNCATE);
    assertTrue(encoder.encode(CONVERSATION).isEmpty());
    assertEquals(1, encoder.drops().of(DropReason.ALL_MASKED));
    assertEquals(1, encoder.drops().of(DropReason.TRUNCATED));
  }

  @Test
  void droppingCounts() {
    SampleEncoder encoder = encoder(PROMPT + 5, SampleLimits.Overlong.DROP);
    assertTrue(encoder.encode(CONVERSATION).isEmpty());
    assertEquals(1, encoder.drops().of(DropReason.TOO_LONG));
  }

  @Test
  void sampleWithoutLossIsAnErrorOrDroppedAsTheSettingSays() {
    ChatTemplate silent = new SilentTemplate();
    SampleEncoder failing =
        new SampleEncoder(silent, new ByteTokenizer(), SampleLimits.truncateAt(100));
    DataException e = assertThrows(DataException.class, () -> failing.encode(CONVERSATION));
    assertTrue(e.getMessage().startsWith("train.jsonl:118: no token"), e::getMessage);
    SampleLimits drop =
        new SampleLimits(100, SampleLimits.Overlong.FAIL, SampleLimits.AllMasked.DROP);
    SampleEncoder dropping = new SampleEncoder(silent, new ByteTokenizer(), drop);
    assertTrue(dropping.encode(CONVERSATION).isEmpty());
    assertEquals(1, dropping.drops().of(DropReason.ALL_MASKED));
  }

  @Test
  void sourceTakesTheFirstConversationsOfItsFiles(@TempDir Path folder) throws IOException {
    String line = "{\"question\": \"q\", \"answer\": \"%s\"}\n";
    Path first = Files.writeString(folder.resolve("1"), line.formatted("a") + line.formatted("b"));
    Path second = Files.writeString(folder.resolve("2"), line.formatted("c") + line.formatted("d"));
    SampleEncoder encoder =
        new SampleEncoder(new VicunaTemplate(), new ByteTokenizer(), SampleLimits.truncateAt(1000));
    Source source = encoder.readSource("math", List.of(first, second), 3);
    assertEquals(
        List.of("1:1", "1:2", "2:1"), source.samples().stream().map(EncodedSample::id).toList());
    assertEquals(9, source.labelTokens()); // a space, a letter and the end token each
    assertEquals(
        4, encoder.readSource("m", List.of(first, second), Long.MAX_VALUE).samples().size());
  }

  @Test
  void sourceOfWhichNothingIsLeftSaysWhy(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("1"), "{\"question\": \"q\", \"answer\": \"\"}");
    SampleEncoder encoder = encoder(1000, SampleLimits.Overlong.FAIL);
    DataException e =
        assertThrows(
            DataException.class, () -> encoder.readSource("math", List.of(file), Long.MAX_VALUE));
    assertTrue(e.getMessage().startsWith("source math has no sample to train on"), e::getMessage);
    assertTrue(e.getMessage().contains("1 conversations without a question"), e::getMessage);
  }

  /** A template that marks no answer. */
  private static final class SilentTemplate implements ChatTemplate {
    @Override
    public String name() {
      return "silent";
    }

    @Override
    public EncodedSample encode(Conversation conversation, Tokenizer tokenizer) {
      return new EncodedSample(
          conversation.id(), conversation.origin(), new int[] {1, 5}, new boolean[2]);
    }

    @Override
    public int[] encodePrompt(Conversation conversation, Tokenizer tokenizer) {
      return new int[] {1};
    }

    @Override
    public String answer(String continuation) {
      return continuation;
    }

    @Override
    public List<String> stopStrings() {
      return List.of();
    }
  }
}
