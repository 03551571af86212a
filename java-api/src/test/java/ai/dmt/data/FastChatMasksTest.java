package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ids and labels of vicuna_v1.1 beside those of FastChat, on real conversations: all are equal.
 * FastChat renders one string, splits it again at {@code </s>} and {@code " ASSISTANT: "}, and
 * finds the masks by counting tokens of the parts; its rules are written here once more, from their
 * description, and share nothing with {@link VicunaTemplate} but the tokenizer.
 *
 * <p>Two kinds of text, which the real files do not hold, are treated otherwise; each has a test:
 *
 * <ul>
 *   <li>A turn that holds {@code " ASSISTANT: "} itself. FastChat stops there and masks the rest of
 *       the conversation, or all of it; here spans come from rendering, and every answer has loss.
 *   <li>A turn that spells {@code <s>}, {@code </s>} or {@code <unk>}. FastChat reads a control
 *       token; here text stays text.
 * </ul>
 */
class FastChatMasksTest {
  /** Of 1000 in the file, all of which are equal: 300 take a third of the time. */
  private static final int CONVERSATIONS = 300;

  private static final int IGNORED = -100;
  private static final int MAX_LENGTH = 2048;
  private static final Pattern CONTROL = Pattern.compile("<s>|</s>|<unk>");

  /** What both ways make of a conversation. */
  private record Labelled(int[] ids, int[] labels) {}

  @Test
  void idsAndLabelsOfRealConversationsEqualFastChats() {
    Path file = SharedFiles.require("data/general/sharegpt_v3_en_1k.jsonl");
    int compared = 0;
    int cut = 0;
    try (Tokenizer llama = llama();
        ConversationReader reader = ConversationReader.open(file)) {
      while (compared < CONVERSATIONS && reader.hasNext()) {
        Conversation conversation = reader.next();
        if (!conversation.system().isEmpty()) {
          continue; // FastChat drops a system turn, a choice of data and not of masks
        }
        compared++;
        cut += assertEqual(conversation, llama).ids.length == MAX_LENGTH ? 1 : 0;
      }
    }
    assertTrue(compared >= CONVERSATIONS, "compared " + compared);
    assertTrue(cut > 0 && cut < compared, cut + " reach the length limit");
  }

  @ParameterizedTest
  @CsvSource({"'Hi', 'Hello!'", "'Hi ', ' Hello '", "'Hi\n', '\nHello\n'", "'  ', '\t\u00e9 x'"})
  void spacesAroundTextsMakeNoDifference(String question, String answer) {
    try (Tokenizer llama = llama()) {
      assertEqual(
          Conversation.of(
              Turn.user(question), Turn.assistant(answer), Turn.user("2"), Turn.assistant("4")),
          llama);
    }
  }

  @Test
  void fastChatMasksAllAfterATurnThatHoldsItsMarkAndWeDoNot() {
    Conversation conversation =
        Conversation.of(
            Turn.user("Say ASSISTANT: x"),
            Turn.assistant("x"),
            Turn.user("a"),
            Turn.assistant("b"));
    try (Tokenizer llama = llama()) {
      Labelled theirs = fastChat(conversation, llama);
      Labelled ours = ours(conversation, llama);
      assertArrayEquals(theirs.ids, ours.ids);
      assertTrue(Arrays.stream(theirs.labels).allMatch(label -> label == IGNORED));
      assertEquals(4, Arrays.stream(ours.labels).filter(label -> label != IGNORED).count());
    }
  }

  @Test
  void fastChatReadsControlTokensOutOfTextAndWeDoNot() {
    Conversation conversation = Conversation.of(Turn.user("What is </s>?"), Turn.assistant("b"));
    try (Tokenizer llama = llama()) {
      int[] theirs = fastChat(conversation, llama).ids;
      int[] ours = ours(conversation, llama).ids;
      assertEquals(2, Arrays.stream(theirs).filter(id -> id == 2).count());
      assertEquals(1, Arrays.stream(ours).filter(id -> id == 2).count());
    }
  }

  private static Tokenizer llama() {
    return Tokenizer.open(SharedFiles.require("data/tokenizer/llama_tokenizer.model"));
  }

  /** Fails at the first id or label that differs. */
  private static Labelled assertEqual(Conversation conversation, Tokenizer llama) {
    Labelled ours = ours(conversation, llama);
    Labelled theirs = fastChat(conversation, llama);
    String where = conversation.origin() + " " + conversation.id();
    assertArrayEquals(theirs.ids, ours.ids, where + ": ids");
    assertArrayEquals(theirs.labels, ours.labels, where + ": labels");
    return theirs;
  }

  private static Labelled ours(Conversation conversation, Tokenizer llama) {
    EncodedSample sample = new VicunaTemplate().encode(conversation, llama);
    int length = Math.min(MAX_LENGTH, sample.tokenIds().length);
    int[] labels = new int[length];
    for (int t = 0; t < length; t++) {
      labels[t] = sample.carriesLoss()[t] ? sample.tokenIds()[t] : IGNORED;
    }
    return new Labelled(Arrays.copyOf(sample.tokenIds(), length), labels);
  }

  /** FastChat's preprocess, for one conversation. */
  private static Labelled fastChat(Conversation conversation, Tokenizer tokenizer) {
    StringBuilder prompt = new StringBuilder(VicunaTemplate.SYSTEM).append(' ');
    for (Turn turn : conversation.turns()) {
      boolean user = turn.role() == Role.USER;
      prompt.append(user ? "USER: " : "ASSISTANT: ").append(turn.text());
      prompt.append(user ? " " : "</s>");
    }
    int[] ids = tokenize(prompt.toString(), tokenizer);
    int total = Math.min(MAX_LENGTH, ids.length);
    int[] labels = Arrays.copyOf(ids, total);
    int current = 1;
    labels[0] = IGNORED;
    for (String turn : prompt.toString().split("</s>", -1)) {
      if (turn.isEmpty()) {
        break;
      }
      int turnLength = tokenize(turn, tokenizer).length;
      String[] parts = turn.split(Pattern.quote(" ASSISTANT: "), -1);
      if (parts.length != 2) {
        break;
      }
      int instruction = tokenize(parts[0] + " ASSISTANT: ", tokenizer).length - 2;
      ignore(labels, current, current + instruction);
      current += turnLength;
    }
    ignore(labels, current, total);
    if (current < MAX_LENGTH && current != total) {
      ignore(labels, 0, total);
    }
    return new Labelled(Arrays.copyOf(ids, total), labels);
  }

  private static void ignore(int[] labels, int from, int to) {
    Arrays.fill(labels, Math.min(from, labels.length), Math.min(to, labels.length), IGNORED);
  }

  /** The slow tokenizer of transformers in 2023: begin token; control texts cut the string. */
  private static int[] tokenize(String text, Tokenizer tokenizer) {
    List<Integer> ids = new ArrayList<>(List.of(1));
    Iterator<String> controls = CONTROL.matcher(text).results().map(m -> m.group()).iterator();
    for (String part : CONTROL.split(text, -1)) {
      Arrays.stream(tokenizer.encode(part)).forEach(ids::add);
      if (controls.hasNext()) {
        ids.add(List.of("<unk>", "<s>", "</s>").indexOf(controls.next()));
      }
    }
    return ids.stream().mapToInt(id -> id).toArray();
  }
}
