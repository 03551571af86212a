package ai.dmt.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
  @Test
  void textThatMayBecomeAStopStringIsHeldBack() {
    StopMatcher matcher = new StopMatcher(List.of("\nUSER:"));
    assertEquals("yes", matcher.add("yes\nUS"));
    assertEquals("", matcher.add("E"));
    assertEquals("\nUSEless", matcher.add("less"));
    assertFalse(matcher.stopped());
  }

  @Test
  void stopStringEndsTheTextBeforeIt() {
    StopMatcher matcher = new StopMatcher(List.of("\nUSER:"));
    assertEquals("yes", matcher.add("yes\nUSE"));
    assertEquals("", matcher.add("R: more"));
    assertTrue(matcher.stopped());
    assertEquals("", matcher.add("and more"));
    assertEquals("", matcher.finish());
  }

  @Test
  void earliestOfSeveralStopStringsCounts() {
    StopMatcher matcher = new StopMatcher(List.of("cd", "b"));
    assertEquals("a", matcher.add("abcd"));
    assertTrue(matcher.stopped());
  }

  @Test
  void beginningThatStartsAnewInsideIsFound() {
    StopMatcher matcher = new StopMatcher(List.of("aab"));
    assertEquals("a", matcher.add("aaa")); // "aa" may still become "aab"
    assertEquals("", matcher.add("b"));
    assertTrue(matcher.stopped());
  }

  @Test
  void heldTextComesAtTheEnd() {
    StopMatcher matcher = new StopMatcher(List.of("##"));
    assertEquals("x", matcher.add("x#"));
    assertEquals("#", matcher.finish());
  }

  @Test
  void howTheTextIsCutIntoPiecesChangesNothing() {
    Random random = new Random(4);
    List<String> stops = List.of("abab", "bb", "aaa");
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      for (int c = 0; c < 12; c++) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      int stop = text.length();
      for (String s : stops) {
        stop = text.indexOf(s) >= 0 ? Math.min(stop, text.indexOf(s)) : stop;
      }
      // A longer stop string may begin earlier but end later than the one that stops a stream.
      StopMatcher whole = new StopMatcher(stops);
      StringBuilder streamed = new StringBuilder();
      StopMatcher pieces = new StopMatcher(stops);
      for (int at = 0; at < text.length(); at++) {
        streamed.append(pieces.add(text.substring(at, at + 1)));
      }
      streamed.append(pieces.finish());
      assertEquals(text.substring(0, stop), whole.add(text.toString()) + whole.finish());
      assertTrue(text.toString().startsWith(streamed.toString()), text::toString);
      assertEquals(whole.stopped(), pieces.stopped(), text::toString);
    }
  }
}
