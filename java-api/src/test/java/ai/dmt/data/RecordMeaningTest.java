package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.tokenizer.ByteTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields that change what a record means are used, or counted by name, or refused. */
@Tag("jackson")
class RecordMeaningTest {
  private static final String PAIR =
      "\"conversations\": [{\"from\": \"human\", \"value\": \"a\"}, %s]";

  @TempDir private Path folder;
  private final DropCounts drops = new DropCounts();

  private List<Conversation> read(String record, ReadOptions options) throws IOException {
    Path file = Files.writeString(folder.resolve("d.jsonl"), record.replace('\n', ' ') + "\n");
    try (ConversationReader reader = ConversationReader.open(file, options)) {
      List<Conversation> all = new ArrayList<>();
      reader.forEachRemaining(all::add);
      drops.add(reader.drops());
      return all;
    }
  }

  private List<String> texts(String record) throws IOException {
    return read(record, ReadOptions.defaults()).get(0).turns().stream().map(Turn::text).toList();
  }

  private static String sharegpt(String answer) {
    return "{" + PAIR.formatted(answer) + "}";
  }

  private static String beside(String fields) {
    return "{%s, %s}".formatted(PAIR.formatted("{\"from\": \"gpt\", \"value\": \"b\"}"), fields);
  }

  @Test
  void historyOfAlpacaGoesBeforeTheQuestion() throws IOException {
    assertEquals(
        List.of("q1", "a1", "q2", "a2", "i\nx", "o"),
        texts(
            """
            {"instruction": "i", "input": "x", "output": "o",
             "history": [["q1", "a1"], ["q2", "a2"]]}"""));
    for (String none : List.of("null", "[]")) {
      assertEquals(
          List.of("i", "o"),
          texts("{\"instruction\": \"i\", \"output\": \"o\", \"history\": %s}".formatted(none)));
    }
    assertTrue(drops.isEmpty(), drops::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"text\"", "[[\"q\"]]", "[[\"q\", 1]]", "[\"q\", \"a\"]"})
  void historyOfAnotherShapeIsAFault(String history) {
    String record =
        "{\"instruction\": \"i\", \"output\": \"o\", \"history\": %s}".formatted(history);
    String message = assertThrows(DataException.class, () -> texts(record)).getMessage();
    assertTrue(message.contains("\"history"), message);
  }

  @Test
  void contextAndSystemPromptAreUsed() throws IOException {
    assertEquals(
        List.of("i\nc", "r"),
        texts(
            "{\"instruction\": \"i\", \"context\": \"c\", \"response\": \"r\", \"category\": \"x\"}"));
    assertEquals(
        List.of("s", "q", "r"),
        texts("{\"system_prompt\": \"s\", \"question\": \"q\", \"response\": \"r\"}"));
    assertTrue(drops.isEmpty(), drops::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"tools\": \"[{}]\"                           | tools",
        "\"tools\": [{\"name\": \"w\"}]                | tools",
        "\"functions\": {\"f\": {\"d\": \"text\"}}     | functions",
        "\"context\": \"c\", \"notes\": \"n\"          | context, notes",
        "\"system\": \"s\", \"system_prompt\": \"t\"   | system_prompt",
      })
  void otherTextIsCountedByFieldOrRefused(String fields, String names) throws IOException {
    assertEquals(1, read(beside(fields), ReadOptions.defaults()).size());
    assertEquals(1, drops.of(DropReason.UNREAD_TEXT));
    assertEquals(
        "1 records with text in fields that are not read (%s)".formatted(names), drops.toString());
    ReadOptions failing = ReadOptions.defaults().withUnreadText(ReadOptions.UnreadText.FAIL);
    String message =
        assertThrows(DataException.class, () -> read(beside(fields), failing)).getMessage();
    assertTrue(message.contains("d.jsonl:1: no format reads the text in " + names), message);
  }

  @Test
  void textInsideTurnsIsCountedToo() throws IOException {
    String answer = "{\"from\": \"gpt\", \"value\": \"b\", \"reasoning\": \"since\"}";
    read(sharegpt(answer), ReadOptions.defaults());
    assertEquals(Map.of("conversations[].reasoning", 1L), drops.unreadFields());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"id\": \"x\", \"source\": \"web\", \"prompt_id\": \"p\"",
        "\"tools\": \"\", \"context\": null, \"notes\": [], \"score\": 3.5, \"ok\": true",
        "\"prompt\": \"a\"",
        "\"text\": \"USER: a ASSISTANT: b\"",
      })
  void originEmptyFieldsNumbersAndRepetitionsAreNoLoss(String fields) throws IOException {
    assertEquals(1, read(beside(fields), ReadOptions.defaults()).size());
    assertTrue(drops.isEmpty(), drops::toString);
  }

  @Test
  void aSystemTurnThatAFieldContradictsIsTold() throws IOException {
    String turns =
        """
        {"system": "%s", "messages": [{"role": "system", "content": "s"},
         {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""";
    assertEquals(List.of("s", "a", "b"), texts(turns.formatted("s")));
    assertTrue(drops.isEmpty(), drops::toString);
    assertEquals(List.of("s", "a", "b"), texts(turns.formatted("another")));
    assertEquals(Map.of("system", 1L), drops.unreadFields());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"weight\": 0", "\"weight\": 0.0", "\"train\": false", "\"loss\": false"})
  void answersThatAreNotTrainedCarryNoLoss(String mark) throws IOException {
    String record =
        """
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "wrong", %s},
         {"role": "user", "content": "b"}, {"role": "assistant", "content": "right", "weight": 1}]}"""
            .formatted(mark);
    Conversation read = read(record, ReadOptions.defaults()).get(0);
    assertFalse(read.turns().get(1).trained());
    assertTrue(read.turns().get(3).trained());
    assertTrue(drops.isEmpty(), drops::toString);
    SampleEncoder encoder =
        new SampleEncoder(new VicunaTemplate(), new ByteTokenizer(), SampleLimits.truncateAt(4096));
    EncodedSample masked = encoder.encode(read).orElseThrow();
    EncodedSample whole =
        encoder
            .encode(
                Conversation.of(
                    Turn.user("a"),
                    Turn.assistant("wrong"),
                    Turn.user("b"),
                    Turn.assistant("right")))
            .orElseThrow();
    assertArrayEquals(whole.tokenIds(), masked.tokenIds());
    int right = whole.tokenIds().length - masked.labelTokens();
    for (int t = 0; t < whole.tokenIds().length; t++) {
      assertEquals(t >= right, masked.carriesLoss()[t], "token " + t);
    }
    assertTrue(masked.labelTokens() > 0 && masked.labelTokens() < whole.labelTokens());
  }

  @Test
  void recordsOfWeight0AreLeftOutAndOtherWeightsAreTold() throws IOException {
    for (String none :
        List.of(
            beside("\"weight\": 0"),
            beside("\"weight\": \"0\""),
            sharegpt("{\"from\": \"gpt\", \"value\": \"b\", \"weight\": 0}"))) {
      assertEquals(List.of(), read(none, ReadOptions.defaults()));
    }
    assertEquals("3 conversations of weight 0", drops.toString());
    assertEquals(1, read(beside("\"weight\": 0.5"), ReadOptions.defaults()).size());
    assertEquals(1, drops.of(DropReason.OTHER_WEIGHT));
  }

  @Test
  void namesOfUnreadFieldsAreBounded() {
    DropCounts many = new DropCounts();
    for (int i = 0; i < 1000; i++) {
      many.addUnreadField("field " + i, 1);
    }
    assertEquals(51, many.unreadFields().size());
    assertEquals(950, many.unreadFields().get("others"));
  }
}
