package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Formats beyond those of {@link ConversationReaderTest}, mapped fields, and the order of roles.
 */
@Tag("jackson")
class RecordFormatTest {
  @TempDir private Path folder;

  private Conversation one(String record, ReadOptions options) throws IOException {
    Path file = Files.writeString(folder.resolve("data.jsonl"), record + "\n");
    try (ConversationReader reader = ConversationReader.open(file, options)) {
      return reader.next();
    }
  }

  private Conversation one(String record) throws IOException {
    return one(record, ReadOptions.defaults());
  }

  private String messageOf(String record, ReadOptions options) {
    String message = assertThrows(DataException.class, () -> one(record, options)).getMessage();
    return message.substring(folder.resolve("data.jsonl").toString().length());
  }

  @Test
  void messagesHaveTextOrPartsOfText() throws IOException {
    Conversation read =
        one(
            """
            {"messages": [{"role": "developer", "content": "s"}, {"role": "user", "content":\
             [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},\
             {"role": "assistant", "content": "c"}]}\
            """);
    assertEquals(
        Conversation.of(new Turn(Role.SYSTEM, "s"), Turn.user("ab"), Turn.assistant("c")).turns(),
        read.turns());
  }

  @Test
  void messageThatIsNoTextIsAnError() {
    assertEquals(
        ":1: \"content\" has a part of type \"image_url\", only text can be trained on",
        messageOf(
            "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}",
            ReadOptions.defaults()));
    assertEquals(
        ":1: \"content\" must be a string, got NULL",
        messageOf(
            "{\"messages\": [{\"role\": \"assistant\", \"content\": null}]}",
            ReadOptions.defaults()));
    assertTrue(
        messageOf(
                "{\"messages\": [{\"role\": \"tool\", \"content\": \"x\"}]}",
                ReadOptions.defaults())
            .startsWith(":1: \"role\" of turn 1 is \"tool\", expected one of assistant, "));
    assertEquals(
        ":1: \"messages[0]\" must be an object, got STRING",
        messageOf("{\"messages\": [\"x\"]}", ReadOptions.defaults()));
  }

  @Test
  void aMisspeltFieldIsNamedByTheOneThatIsNear() throws IOException {
    String question = messageOf("{\"qestion\": \"a\", \"answer\": \"b\"}", ReadOptions.defaults());
    assertTrue(question.endsWith("; did you mean \"question\" by \"qestion\"?"), question);
    assertTrue(
        messageOf("{\"Conversation\": []}", ReadOptions.defaults())
            .endsWith("; did you mean \"conversations\" by \"Conversation\"?"));
    assertEquals(
        ":1: \"value\" must be a string, got nothing; did you mean \"value\" by \"valeu\"?",
        messageOf(
            "{\"conversations\": [{\"from\": \"human\", \"valeu\": \"x\"}]}",
            ReadOptions.defaults()));
    String other = messageOf("{\"left\": \"a\", \"right\": \"b\"}", ReadOptions.defaults());
    assertTrue(other.endsWith("; map its fields, or convert it"), other);
  }

  @Test
  void promptAndCompletionAreOneExchange() throws IOException {
    assertEquals(
        Conversation.of(Turn.user("a"), Turn.assistant("b")).turns(),
        one("{\"prompt\": \"a\", \"completion\": \"b\"}").turns());
  }

  @Test
  void plainTextAnswersNothing() throws IOException {
    Conversation read = one("{\"text\": \"Once upon a time\"}");
    assertTrue(read.isPlainText());
    assertEquals("Once upon a time", read.turns().get(0).text());
  }

  @Test
  void systemIdAndTagsAreReadFromAnyFormat() throws IOException {
    Conversation read =
        one(
            """
            {"id": 7, "system": "s", "question": "a", "answer": "b",\
             "tags": ["math", {"tag": "coding", "explanation": "x"}]}\
            """);
    assertEquals("s", read.system());
    assertEquals("7", read.id());
    assertEquals(java.util.List.of("math", "coding"), read.tags());
  }

  @Test
  void fieldsAreMapped() throws IOException {
    ReadOptions mapped =
        ReadOptions.defaults()
            .withFields(
                new FieldMapping(
                    Map.of("question", "prompt_text", "answer", "reply", "system", "sys")));
    Conversation read = one("{\"prompt_text\": \"a\", \"reply\": \"b\", \"sys\": \"s\"}", mapped);
    assertEquals("s", read.system());
    assertEquals("a", read.dialogue().get(0).text());
    assertEquals(
        ":1: \"reply\" must be a string, got NUMBER",
        messageOf("{\"prompt_text\": \"a\", \"reply\": 1}", mapped));
  }

  @Test
  void mappingOfAFieldThatNoFormatHasIsAnError() {
    String message =
        assertThrows(ConfigException.class, () -> new FieldMapping(Map.of("qestion", "x")))
            .getMessage();
    assertTrue(message.startsWith("fields: no format has a field \"qestion\"; known"), message);
  }

  @Test
  void unknownFormatIsAnErrorWithTheKnownOnes() {
    assertEquals(
        "read: no format is named \"csv\"; known are auto, gsm8k, rft, alpaca, dolly, orca, sharegpt, messages,"
            + " prompt-completion, text",
        assertThrows(ConfigException.class, () -> ReadOptions.defaults().withFormat("csv"))
            .getMessage());
  }

  @Test
  void formatThatWasAskedForIsDemanded() throws IOException {
    String both = "{\"text\": \"t\", \"question\": \"a\", \"answer\": \"b\"}";
    assertTrue(one(both, ReadOptions.defaults().withFormat("text")).isPlainText());
    assertEquals(
        ":1: record has the fields [text, question, answer], expected {messages}; map its fields,"
            + " or convert it",
        messageOf(both, ReadOptions.defaults().withFormat("messages")));
  }

  @Test
  void wrongOrderOfRolesIsAnErrorOrACountedDrop() throws IOException {
    String twice =
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"user\","
            + " \"content\": \"b\"}, {\"role\": \"assistant\", \"content\": \"c\"}]}";
    assertEquals(
        ":1: turn 2 is of role USER, expected ASSISTANT: user and assistant must alternate, user"
            + " first",
        messageOf(twice, ReadOptions.defaults()));
    Path file = Files.writeString(folder.resolve("data.jsonl"), twice);
    ReadOptions dropping = ReadOptions.defaults().withRoleOrder(ReadOptions.RoleOrder.DROP);
    try (ConversationReader reader = ConversationReader.open(file, dropping)) {
      assertEquals(false, reader.hasNext());
      assertEquals(1, reader.drops().of(DropReason.ROLE_ORDER));
    }
  }
}
