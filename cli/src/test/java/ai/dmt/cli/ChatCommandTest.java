package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.LearntModel;
import ai.dmt.data.Conversation;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.model.Model;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt chat} with standard input that is a pipe. */
@Tag("native")
@Timeout(60)
class ChatCommandTest {
  private static final InputStream STANDARD_INPUT = System.in;
  private static final Turn SYSTEM = new Turn(Role.SYSTEM, "Be brief.");

  @TempDir private static Path folder;
  private static Path path;

  @BeforeAll
  static void learn() throws Exception {
    path =
        new LearntModel(folder.resolve("m"), 256)
            .with("vicuna_v1.1", "One.", SYSTEM, Turn.user("Count."))
            .with(
                "vicuna_v1.1",
                "Two \u65e5.",
                SYSTEM,
                Turn.user("Count."),
                new Turn(Role.ASSISTANT, "One."),
                Turn.user("More."))
            .with("vicuna_v1.1", "A list.", SYSTEM, Turn.user("What\nis\nit?"))
            .write();
  }

  @AfterAll
  static void restore() {
    System.setIn(STANDARD_INPUT);
  }

  private static Dmt chat(String input, Object... more) {
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    List<Object> words = new ArrayList<>(List.of("chat", "--model", path));
    words.addAll(List.of(more).contains("--system") ? List.of() : List.of("--system", "Be brief."));
    words.addAll(Arrays.asList(more));
    return Dmt.run(words.toArray());
  }

  @Test
  void whatWasSaidBelongsToThePromptUntilAReset() {
    assertEquals("One.\nTwo \u65e5.\n", chat("Count.\nMore.\n").succeeds());
    assertEquals("One.\nOne.\n", chat("Count.\n/reset\n\nCount.\n").succeeds());
    assertEquals("One.\n", chat("Count.\n/quit\nCount.\n").succeeds());
  }

  @Test
  void messagesOfSeveralLinesAreOne() {
    assertEquals("A list.\n", chat("What\\\nis\\\nit?\n").succeeds());
    assertEquals("A list.\n", chat("\"\"\"\nWhat\nis\nit?\n\"\"\"\n").succeeds());
    assertEquals("A list.\n", chat("\"\"\"What\nis\nit?\"\"\"").succeeds());
    assertEquals("A list.\n", chat("What\\\nis\\\nit?").succeeds(), "the input may end anywhere");
  }

  @Test
  void systemsTextIsSetAndCommandsAreTold() {
    Dmt chat = chat("/system\n/system  Be brief.\nCount.\n/sytem x\n/help\n", "--system", "Else.");
    assertTrue(chat.succeeds().startsWith("One.\n/system TEXT"), chat::toString);
    assertTrue(chat.err().contains("there is no command /sytem; /help lists them"), chat::toString);
  }

  @Test
  void oldTurnsAreForgottenWhereThereIsNoRoom() throws Exception {
    String longer = "x".repeat(60);
    Dmt chat = chat((longer + "\n").repeat(4), "--max-new-tokens", "20");
    List<String> answers = chat.succeeds().lines().toList();
    assertEquals(4, answers.size(), chat::toString);
    assertTrue(chat.err().contains("the oldest 2 turns are forgotten"), chat::toString);
    try (Model model = Model.open(path)) { // the last pair is all that there is room for
      Conversation last =
          Conversation.of(
              SYSTEM,
              Turn.user(longer),
              new Turn(Role.ASSISTANT, answers.get(2)),
              Turn.user(longer));
      assertEquals(
          answers.get(3), model.answers(List.of(last), GenerationConfig.greedy(20)).get(0));
    }
  }

  @Test
  void aMessageThatIsTooLongIsRefusedAndTheChatGoesOn() {
    Dmt chat = chat("y".repeat(300) + "\nCount.\n");
    assertEquals("One.\n", chat.succeeds());
    assertTrue(chat.err().contains("this makes a prompt of "), chat::toString);
    assertTrue(
        chat.err().contains(" has 256 positions, one of them for an answer"), chat::toString);
  }

  @Test
  void samplingIsAsInGenerate() {
    Object[] sampling = {"--temperature", "3", "--seed", "5", "--max-new-tokens", "10"};
    String sampled = chat("Count.\n", sampling).succeeds();
    assertEquals(sampled, chat("Count.\n", sampling).succeeds());
    Dmt cut = chat("Count.\n", "--max-new-tokens", "3");
    assertEquals("On\n", cut.succeeds());
    assertTrue(cut.err().contains("the answer ends at its limit of tokens"), cut::toString);
    assertEquals("O\n", chat("Count.\n", "--stop", "ne").succeeds());
    assertTrue(!sampled.equals(chat("Count.\n", "--temperature", "3").succeeds()));
    chat("", "--top-p", "0").fails(ExitCode.USAGE, "topP must be in (0, 1], got 0.0");
    chat("", "--template", "no_such").fails(ExitCode.USAGE, "no_such");
  }
}
