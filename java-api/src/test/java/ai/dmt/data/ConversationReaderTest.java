package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

@Tag("jackson")
class ConversationReaderTest {
  @TempDir private Path folder;

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("data.json"), content);
  }

  private static List<Conversation> all(Path file) {
    try (ConversationReader reader = ConversationReader.open(file)) {
      List<Conversation> all = new ArrayList<>();
      reader.forEachRemaining(all::add);
      return all;
    }
  }

  private static List<Turn> exchange(String question, String answer) {
    return List.of(Turn.user(question), Turn.assistant(answer));
  }

  private String messageOf(String content) throws IOException {
    Path file = file(content);
    String message = assertThrows(DataException.class, () -> all(file)).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    return message.substring(file.toString().length());
  }

  @Test
  void formatOfEachRecordIsToldByItsFields() throws IOException {
    List<Conversation> read =
        all(
            file(
                """
                {"question": "1+1?", "answer": "#### 2"}
                {"query": "2+2?", "response": "4", "id": "rft-9"}
                {"instruction": "Add.", "input": "1, 2", "output": "3"}
                {"instruction": "Greet.", "input": "", "output": "Hi"}

                {"instruction": "Greet.", "output": "Hi"}
                {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
                """));
    assertEquals(
        List.of(
            exchange("1+1?", "#### 2"),
            exchange("2+2?", "4"),
            List.of(Turn.user("Add.", "1, 2"), Turn.assistant("3")),
            exchange("Greet.", "Hi"),
            exchange("Greet.", "Hi"),
            exchange("a", "b")),
        read.stream().map(Conversation::turns).toList());
    assertEquals(
        List.of("data.json:1", "rft-9", "data.json:3", "data.json:4", "data.json:6", "data.json:7"),
        read.stream().map(Conversation::id).toList());
  }

  @Test
  void arrayIsReadWithTheLineOfEachRecord() throws IOException {
    List<Conversation> read =
        all(
            file(
                """

                [
                  {"question": "a",
                   "answer": "b"},
                  {"question": "c", "answer": "d"}
                ]
                """));
    assertEquals(
        List.of(3L, 5L), read.stream().map(conversation -> conversation.origin().line()).toList());
  }

  @Test
  void byteOrderMarkAndCarriageReturnsDoNotMatter() throws IOException {
    List<Conversation> read = all(file("\ufeff{\"question\": \"a\", \"answer\": \"b\"}\r\n\r\n"));
    assertEquals(List.of(exchange("a", "b")), read.stream().map(Conversation::turns).toList());
  }

  @ParameterizedTest
  @CsvSource({"human, gpt", "user, chatgpt", "human, bing", "human, bard", "user, assistant"})
  void namesOfBothSidesAreThoseOfPublicFiles(String user, String assistant) throws IOException {
    Path file =
        file(
            """
            {"conversations": [{"from": "%s", "value": "a"}, {"from": "%s", "value": "b"}]}
            """
                .formatted(user, assistant));
    assertEquals(exchange("a", "b"), all(file).get(0).turns());
  }

  /** Letters stand for turns: s system, u user, a assistant; capitals for empty ones. */
  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource({
    "uaua, uaua, 0, 0, 0",
    "suaua, suaua, 0, 0, 0",
    "aua, ua, 1, 0, 0",
    "saaua, sua, 2, 0, 0",
    "uau, ua, 0, 1, 0",
    "uaUa, ua, 0, 0, 2",
    "uauA, ua, 0, 1, 1",
    "Sua, ua, 0, 0, 0",
  })
  void whatIsLeftOfShareGptAndWhatIsCounted(
      String turns, String kept, long leading, long unanswered, long afterEmpty)
      throws IOException {
    try (ConversationReader reader = ConversationReader.open(file(shareGpt(turns)))) {
      assertEquals(kept, letters(reader.next()));
      assertEquals(leading, reader.drops().of(DropReason.LEADING_TURN));
      assertEquals(unanswered, reader.drops().of(DropReason.UNANSWERED_QUESTION));
      assertEquals(afterEmpty, reader.drops().of(DropReason.AFTER_EMPTY_TURN));
      assertEquals(0, reader.drops().of(DropReason.EMPTY_CONVERSATION));
    }
  }

  @ParameterizedTest
  @CsvSource({"u", "a", "s", "Ua", "uA", "aaa", "''"})
  void conversationOfWhichNothingIsLeftIsCounted(String turns) throws IOException {
    Path file = file(shareGpt(turns));
    try (ConversationReader reader = ConversationReader.open(file)) {
      assertFalse(reader.hasNext());
      assertEquals(Map.of(DropReason.EMPTY_CONVERSATION, 1L), reader.drops().asMap());
      assertEquals(List.of(new Origin(file.toString(), 1)), reader.empty());
      assertEquals(1, reader.records());
    }
  }

  private static String shareGpt(String letters) {
    List<String> turns = new ArrayList<>();
    for (char letter : letters.toCharArray()) {
      String from =
          switch (Character.toLowerCase(letter)) {
            case 's' -> "system";
            case 'u' -> "human";
            default -> "gpt";
          };
      String value = Character.isUpperCase(letter) ? " " : "text";
      turns.add("{\"from\": \"%s\", \"value\": \"%s\"}".formatted(from, value));
    }
    return "{\"conversations\": [" + String.join(", ", turns) + "]}";
  }

  private static String letters(Conversation conversation) {
    StringBuilder letters = new StringBuilder();
    for (Turn turn : conversation.turns()) {
      letters.append(
          switch (turn.role()) {
            case SYSTEM -> 's';
            case USER -> 'u';
            case ASSISTANT -> 'a';
          });
    }
    return letters.toString();
  }

  @Test
  void malformedLineIsNamed() throws IOException {
    String message = messageOf("{\"question\": \"a\", \"answer\": \"b\"}\n{\"question\": \n");
    assertTrue(message.startsWith(":2: malformed JSON: "), message);
    assertTrue(message.endsWith("expected an array of objects, or one object per line"), message);
    assertFalse(message.contains("REDACTED"), message);
  }

  @Test
  void malformedArrayNamesTheLine() throws IOException {
    assertTrue(messageOf("[\n{\"question\": \"a\",\n oops}]").startsWith(":3: malformed JSON: "));
    assertTrue(
        messageOf("[{\"question\": \"a\", \"answer\": \"b\"}\n").startsWith(":2: "), "open array");
  }

  @Test
  void textAfterTheEndIsRefused() throws IOException {
    String more = ":1: there is more after the end; expected one array, or one object per line";
    assertEquals(more, messageOf("{\"question\": \"a\", \"answer\": \"b\"} {\"x\": 1}\n"));
    assertEquals(more, messageOf("[{\"question\": \"a\", \"answer\": \"b\"}] []"));
  }

  @Test
  void recordOfUnknownShapeNamesItsFieldsAndTheKnownShapes() throws IOException {
    assertEquals(
        ":1: record has the fields [ask, reply], expected {question, answer} or {query, response}"
            + " or {instruction, output} or {instruction, response} or {question, response} or {conversations} or {messages} or {prompt, completion}"
            + " or {text}; map its fields, or convert it",
        messageOf("{\"ask\": \"a\", \"reply\": \"b\"}"));
  }

  @Test
  void wrongTypesAreNamed() throws IOException {
    assertEquals(
        ":1: \"answer\" must be a string, got NUMBER",
        messageOf("{\"question\": \"a\", \"answer\": 3}"));
    assertEquals(":1: a record must be an object, got NUMBER", messageOf("[3]"));
    assertEquals(
        ":1: \"conversations\" must be an array, got STRING",
        messageOf("{\"conversations\": \"a\"}"));
    assertEquals(
        ":1: \"value\" must be a string, got nothing",
        messageOf("{\"conversations\": [{\"from\": \"human\"}]}"));
  }

  @Test
  void unknownRoleIsNamed() throws IOException {
    String message = messageOf("{\"conversations\": [{\"from\": \"robot\", \"value\": \"a\"}]}");
    assertTrue(
        message.startsWith(":1: \"from\" of turn 1 is \"robot\", expected one of assistant, b"),
        message);
  }

  @Test
  void rolesThatDoNotAlternateAreAnError() throws IOException {
    assertTrue(messageOf(shareGpt("uaa")).startsWith(":1: turn 3 is of role ASSISTANT"));
    assertTrue(messageOf(shareGpt("uasua")).startsWith(":1: turn 3 is of role SYSTEM"));
  }

  @ParameterizedTest
  @CsvSource({"''", "' \n\n'", "[]", "'[ ]\n'"})
  void emptyFileIsAnError(String content) throws IOException {
    assertEquals(": has no records, expected at least one", messageOf(content));
  }

  @Test
  void fileThatIsNotThereOrAFolderIsNamed() {
    Path nowhere = folder.resolve("nowhere.jsonl");
    DataException missing =
        assertThrows(DataException.class, () -> ConversationReader.open(nowhere));
    assertEquals(nowhere + ": no such file", missing.getMessage());
    assertThrows(DataException.class, () -> ConversationReader.open(folder));
  }

  @Test
  void bytesThatAreNoUtf8AreNamedWithTheirLine() throws IOException {
    Path file = file("{\"question\": \"a\", \"answer\": \"b\"}\n");
    byte[] line = "{\"question\": \"?\", \"answer\": \"b\"}\n".getBytes(StandardCharsets.UTF_8);
    line[14] = (byte) 0xE9; // e acute in Latin-1
    Files.write(file, line, java.nio.file.StandardOpenOption.APPEND);
    DataException e = assertThrows(DataException.class, () -> all(file));
    assertEquals(file + ":2: the line is not valid UTF-8: byte 0xE9", e.getMessage());
  }

  @ParameterizedTest(name = "{0} has {1} conversations")
  @CsvSource({
    "gsm8k/train.jsonl, 7473",
    "codealpaca/code_alpaca_2k.json, 2015",
    "general/lima.json, 1029",
    "general/fastchat_dummy_conversation.json, 500",
  })
  void realFilesAreReadWhole(String name, int conversations) {
    assertEquals(conversations, all(SharedFiles.require("data/" + name)).size());
  }

  @Test
  void realShareGptFilesAreReadWithTheirDropsCounted() {
    for (String name : List.of("sharegpt_v3_en_1k.jsonl", "sharegpt_zh_1k.jsonl")) {
      try (ConversationReader reader =
          ConversationReader.open(SharedFiles.require("data/general/" + name))) {
        long read = 0;
        while (reader.hasNext()) {
          assertTrue(reader.next().answered());
          read++;
        }
        assertEquals(reader.records(), read + reader.drops().of(DropReason.EMPTY_CONVERSATION));
        assertTrue(read > 900, name + ": " + read + " of " + reader.records());
      }
    }
  }
}
