package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.data.Conversation;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Turn;
import ai.dmt.data.VicunaTemplate;
import ai.dmt.tokenizer.ByteTokenizer;
import org.junit.jupiter.api.Test;

class SampleTextTest {
  private final ByteTokenizer tokenizer = new ByteTokenizer();
  private final EncodedSample sample =
      new VicunaTemplate()
          .encode(
              new Conversation(
                  "1",
                  ai.dmt.data.Origin.UNKNOWN,
                  java.util.List.of(
                      new Turn(ai.dmt.data.Role.SYSTEM, "S."),
                      Turn.user("2 + 2?"),
                      Turn.assistant("\u00bd of 8"),
                      Turn.user("Sure?"),
                      Turn.assistant("Yes"))),
              tokenizer);

  @Test
  void partsThatCarryLossAreMarked() {
    assertEquals(
        "<s>S. USER: 2 + 2? ASSISTANT:[[ \u00bd of 8</s>]]USER: Sure? ASSISTANT:[[ Yes</s>]]",
        SampleText.BRACKETS.render(sample, tokenizer, 1000));
  }

  @Test
  void longSamplesAreCutAndSaySo() {
    assertEquals(
        "<s>S. U ... and %s more tokens".formatted(sample.tokenIds().length - 5),
        SampleText.BRACKETS.render(sample, tokenizer, 5));
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() {
    EncodedSample hostile =
        new VicunaTemplate()
            .encode(
                new Conversation(
                    "1",
                    ai.dmt.data.Origin.UNKNOWN,
                    java.util.List.of(Turn.user("\u001b]0;t\u0007"), Turn.assistant("a\nb"))),
                tokenizer);
    String shown = SampleText.BRACKETS.render(hostile, tokenizer, 1000);
    assertEquals(-1, shown.indexOf('\u001b'), shown);
    assertEquals(-1, shown.indexOf('\u0007'), shown);
    org.junit.jupiter.api.Assertions.assertTrue(
        shown.contains("\\x1b]0;t\\x07") && shown.contains("a\nb"), shown);
  }
}
