package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ConversationFilter.Action;
import ai.dmt.data.ConversationFilter.Part;
import ai.dmt.tokenizer.ByteTokenizer;
import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversationPreparationTest {
  private final Tokenizer bytes = new ByteTokenizer();

  private ConversationPreparation preparation(PreparationConfig config) {
    return new ConversationPreparation(config, bytes);
  }

  private static Conversation conversation(String id, String... texts) {
    List<Turn> turns = new ArrayList<>();
    for (int t = 0; t < texts.length; t++) {
      turns.add(t % 2 == 0 ? Turn.user(texts[t]) : Turn.assistant(texts[t]));
    }
    return new Conversation(id, Origin.UNKNOWN, turns, List.of("Math problem", "greeting"));
  }

  private static List<String> texts(Conversation conversation) {
    return conversation.turns().stream().map(Turn::text).toList();
  }

  @Test
  void nothingIsDroppedUnlessAskedFor() {
    Conversation any = conversation("a", "OpenAI?", "x");
    ConversationPreparation none = preparation(PreparationConfig.none());
    assertEquals(List.of(any), none.prepare(any));
    assertEquals(List.of(any), none.prepare(any));
    assertTrue(none.drops().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "a question of ChatGPT, a long answer, BLOCKED_WORD",
    "a long question, As OPENAI says, BLOCKED_WORD",
    "a long question, too many requests in 1 hour. Try again later. x, SERVICE_NOTICE",
    "too short, 123456, TOO_SHORT",
  })
  void cleaningOfFastChat(String question, String answer, DropReason reason) {
    ConversationPreparation cleaning = preparation(PreparationConfig.fastChat(0));
    assertEquals(List.of(), cleaning.prepare(conversation("a", question, answer)));
    assertEquals(1, cleaning.drops().of(reason), cleaning.drops().toString());
  }

  @Test
  void duplicatesGoByIdAndByFirstPair() {
    ConversationPreparation cleaning = preparation(PreparationConfig.fastChat(0));
    assertEquals(1, cleaning.prepare(conversation("a", "question one", "answer one")).size());
    assertEquals(0, cleaning.prepare(conversation("a", "question two", "answer two")).size());
    assertEquals(
        0, cleaning.prepare(conversation("b", "question one", "answer one", "more", "m")).size());
    assertEquals(1, cleaning.prepare(conversation("c", "question one", "answer 1")).size());
    assertEquals(1, cleaning.drops().of(DropReason.DUPLICATE_ID));
    assertEquals(1, cleaning.drops().of(DropReason.DUPLICATE_BEGINNING));
  }

  @Test
  void filtersKeepOrDropByTextOrTag() {
    Conversation maths = conversation("a", "2+2?", "4");
    assertEquals(0, filtered(maths, Part.TAGS, "(?i)math|code", Action.DROP));
    assertEquals(1, filtered(maths, Part.TAGS, "(?i)math|code", Action.KEEP));
    assertEquals(1, filtered(maths, Part.TEXT, "(?i)math|code", Action.DROP));
    assertEquals(1, filtered(maths, Part.TEXT, "\\d\\+", Action.KEEP));
    assertEquals(0, filtered(maths, Part.TEXT, "cake", Action.KEEP));
  }

  private int filtered(Conversation conversation, Part part, String regex, Action action) {
    ConversationFilter filter = new ConversationFilter(part, regex, action);
    ConversationPreparation preparation =
        preparation(PreparationConfig.none().withFilters(List.of(filter)));
    int left = preparation.prepare(conversation).size();
    assertEquals(1 - left, preparation.drops().of(DropReason.FILTERED));
    return left;
  }

  @Test
  void anExcludedTopicIsToldFromTheTextAndNotFromTags() {
    Conversation chat = conversation("a", "Tell me of Rome", "It has seven hills.");
    Conversation code = conversation("b", "Now?", "```\ndef f(x):\n  return 2\n```");
    Conversation sum = conversation("c", "What is 2+2?", "4");
    ConversationPreparation both =
        preparation(PreparationConfig.none().withExclude(List.of(Topic.MATH, Topic.CODE)));
    assertEquals(
        List.of(1, 0, 0), Stream.of(chat, code, sum).map(c -> both.prepare(c).size()).toList());
    assertEquals(1, both.drops().of(DropReason.ABOUT_CODE));
    assertEquals(1, both.drops().of(DropReason.ABOUT_MATH));
    ConversationPreparation math =
        preparation(PreparationConfig.none().withExclude(List.of(Topic.MATH)));
    assertEquals(
        List.of(1, 1, 0), Stream.of(chat, code, sum).map(c -> math.prepare(c).size()).toList());
  }

  @Test
  void malformedExpressionIsNamed() {
    String message =
        assertThrows(
                ConfigException.class, () -> new ConversationFilter(Part.TEXT, "(", Action.DROP))
            .getMessage();
    assertEquals("filter: regex \"(\" is malformed: Unclosed group at 1", message);
  }

  /** Each turn of one letter counts 1 + 1 + 6 = 8 tokens, so a pair counts 16. */
  @Test
  void splittingEndsBeforeThePairThatIsTooMuch() {
    Conversation three = conversation("a", "1", "2", "3", "4", "5", "6");
    PreparationConfig keep =
        PreparationConfig.none().withSplit(new SplitConfig(32, SplitConfig.LastPair.KEEP));
    List<Conversation> pieces = preparation(keep).prepare(three);
    assertEquals(List.of("a_0", "a_4"), pieces.stream().map(Conversation::id).toList());
    assertEquals(List.of("1", "2", "3", "4"), texts(pieces.get(0)));
    assertEquals(List.of("5", "6"), texts(pieces.get(1)));
    PreparationConfig whole = keep.withSplit(new SplitConfig(48, SplitConfig.LastPair.LOSE));
    assertEquals(
        List.of("a_0"), preparation(whole).prepare(three).stream().map(Conversation::id).toList());
  }

  @Test
  void fastChatLosesALastPairThatDoesNotFitAndSoDoWeIfAsked() {
    Conversation three = conversation("a", "1", "2", "3", "4", "5", "6");
    PreparationConfig lose =
        PreparationConfig.none().withSplit(new SplitConfig(32, SplitConfig.LastPair.LOSE));
    ConversationPreparation preparation = preparation(lose);
    assertEquals(1, preparation.prepare(three).size());
    assertEquals(1, preparation.drops().of(DropReason.LAST_PAIR));
    assertEquals(0, preparation.prepare(conversation("b", "x".repeat(40), "y")).size());
    assertEquals(2, preparation.drops().of(DropReason.LAST_PAIR));
  }

  @Test
  void everyPieceBeginsWithTheSystemTurn() {
    Conversation long3 =
        new Conversation(
            "a",
            Origin.UNKNOWN,
            List.of(
                new Turn(Role.SYSTEM, "s"),
                Turn.user("1"),
                Turn.assistant("2"),
                Turn.user("3"),
                Turn.assistant("4")));
    PreparationConfig keep =
        PreparationConfig.none().withSplit(new SplitConfig(16, SplitConfig.LastPair.KEEP));
    List<Conversation> pieces = preparation(keep).prepare(long3);
    assertEquals(2, pieces.size());
    assertEquals(List.of("s", "3", "4"), texts(pieces.get(1)));
  }

  @Test
  void zeroSamplesAfterFiltersIsAnErrorThatSaysWhy(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(folder.resolve("a.jsonl"), "{\"question\": \"a\", \"answer\": \"b\"}\n");
    PreparationConfig cakes =
        PreparationConfig.none()
            .withFilters(List.of(new ConversationFilter(Part.TEXT, "cake", Action.KEEP)));
    SampleEncoder encoder =
        new SampleEncoder(new VicunaTemplate(), bytes, SampleLimits.truncateAt(4096));
    SourceFiles source =
        new SourceFiles("general", List.of(file), ReadOptions.defaults(), cakes, Long.MAX_VALUE);
    assertEquals(
        "source general has no sample to train on: read 1 records of [%s]; left out: 1 conversations that a filter left out"
            .formatted(file),
        assertThrows(DataException.class, () -> encoder.readSource(source)).getMessage());
  }

  @Test
  void realShareGptIsCleanedAndSplitWithEveryConversationAccountedFor() {
    Path file = SharedFiles.require("data/general/sharegpt_v3_en_1k.jsonl");
    try (Tokenizer llama =
            Tokenizer.open(SharedFiles.require("data/tokenizer/llama_tokenizer.model"));
        ConversationReader reader = ConversationReader.open(file)) {
      ConversationPreparation cleaning =
          new ConversationPreparation(PreparationConfig.fastChat(2048), llama);
      long read = 0;
      long kept = 0;
      long pairs = 0;
      long pairsKept = 0;
      while (reader.hasNext()) {
        Conversation conversation = reader.next();
        List<Conversation> pieces = cleaning.prepare(conversation);
        read++;
        kept += pieces.isEmpty() ? 0 : 1;
        if (!pieces.isEmpty()) {
          pairs += conversation.dialogue().size() / 2;
          pairsKept += pieces.stream().mapToInt(piece -> piece.dialogue().size() / 2).sum();
        }
      }
      long dropped =
          cleaning.drops().of(DropReason.SERVICE_NOTICE)
              + cleaning.drops().of(DropReason.DUPLICATE_BEGINNING);
      // A conversation of one pair that is too long is lost as its own last pair.
      assertTrue(read - dropped - kept <= cleaning.drops().of(DropReason.LAST_PAIR));
      assertTrue(kept > 400, kept + " of " + read);
      assertTrue(pairsKept > 0.8 * pairs, pairsKept + " of " + pairs);
    }
  }
}
