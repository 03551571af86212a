package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {
  private static Set<Topic> topics(String question, String answer) {
    return Topic.of(Conversation.of(Turn.user(question), Turn.assistant(answer)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "How do I reverse a list in Python?|Use `xs[::-1]` for it.",
        "fix it|```\ndef f(x):\n    return x\n```",
        "Now in another language|```js\nconst a = [1, 2];\n```",
        "go on|```python\nfor i in range(3):\n    print(i)", // cut off before the fence ends
        "and now?|int main() {\n  int a = f(1);\n  return g(a);\n}",
        "Write a function that adds two numbers.|def add(a, b): return a + b",
        "Explain binary search trees|A tree in which ...",
        "How do I copy kubectl config to a server?|First log in.",
        "SELECT name FROM users WHERE id = 3;|It reads a name.",
        "Make a page with a heading|<html>\n<body><h1>Hi</h1></body>\n</html>",
        "wie geht das in python mit einer function?|So.",
        "get\\_name does not work in my code|Why not?",
      })
  void programText(String pair) {
    String[] turns = pair.split("\\|", 2);
    assertEquals(EnumSet.of(Topic.CODE), topics(turns[0], turns[1]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What is 29 plus 13?|The answer is 42.",
        "what's 12*7?|84",
        "Amy has 17 apples and Dan has 14 more. How many do they have?|17+14=31. The answer is 48.",
        "A train goes 60 km in one hour and 30 km in half an hour. How far does it go in two hours?|Far.",
        "Solve the equation x + 3 = 5 for x|x = 2",
        "Find the derivative of sin|It is \\(\\frac{d}{dx}\\sin x = \\cos x\\), so \\sum.",
        "Prove that the sum of two odd numbers is even|Let them be 2a+1 and 2b+1.",
        "What is the probability of rolling a six twice?|One in 36.",
        "Check your math please|I am sorry.",
        "If f(x) = 5x^3 - 2x + 3, find f(2).|39",
      })
  void mathematics(String pair) {
    String[] turns = pair.split("\\|", 2);
    assertEquals(EnumSet.of(Topic.MATH), topics(turns[0], turns[1]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Write each word twice: road snow|road road, snow snow",
        "Write a poem about spring|```\nThe snow is gone,\nthe brook runs on\n```",
        "Who was the first king of Rome?|Romulus, from 753 to 716.",
        "How many primes ministers had Britain?|More than 50.",
        "Write the script for a scene with two actors|INT. KITCHEN - DAY",
        "I was born in 1990 and moved in 2001-2003. Write my CV|Gladly.",
        "Give me 10 ideas for a party|1. Games\n2. Music",
        "hello|Hello! How can I help you today?",
        "How long does the flight take?|About two hours.",
        "|Nothing was asked.",
        "What is the price of freedom?|Eternal vigilance.",
      })
  void neither(String pair) {
    String[] turns = pair.split("\\|", 2);
    assertEquals(Set.of(), topics(turns[0], turns[1]));
  }

  @Test
  void aLaterTurnDecidesAsWell() {
    Conversation late =
        Conversation.of(
            Turn.user("Tell me a story"),
            Turn.assistant("Once upon a time."),
            Turn.user("Now calculate 12 * 12"),
            Turn.assistant("144"));
    assertEquals(Set.of(Topic.MATH), Topic.of(late));
  }

  /** No pattern may go through a text again and again from each of its places. */
  @ParameterizedTest
  @CsvSource({
    "'1,'",
    "'1+'",
    "'how many '",
    "' '",
    "'a = ((('",
    "'`(['",
    "'```'",
    "'``` '",
    "'x;   '",
    "'$$'",
    "'\\frac'",
    "'(1) + '",
    "'x^2 - '",
    "'what is the '",
    "'<div '",
    "'write a code '",
    "'ab'"
  })
  void longTextsTakeNoTime(String part) {
    String text = part.repeat(100_000 / part.length());
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> topics(text + " 7 = 8?", text + ".\n" + text));
  }

  /** Sets that are of one kind by what they are made for; the shares are docs/training.md's. */
  @ParameterizedTest(name = "{0}: code {1} to {2}, math {3} to {4}")
  @CsvSource({
    "gsm8k/test.jsonl, 0, 0.002, 0.985, 1",
    "codealpaca/code_alpaca_2k.json, 0.88, 1, 0, 0.02",
    "general/dolly_filtered_3k.json, 0, 0.006, 0, 0.006",
  })
  void setsOfOneKind(String name, double codeFrom, double codeTo, double mathFrom, double mathTo)
      throws Exception {
    Path file = SharedFiles.require("data/" + name);
    int[] count = new int[2];
    int all = 0;
    try (ConversationReader reader = ConversationReader.open(file)) {
      for (; reader.hasNext(); all++) {
        Topic.of(reader.next()).forEach(topic -> count[topic.ordinal()]++);
      }
    }
    assertBetween(codeFrom, (double) count[Topic.CODE.ordinal()] / all, codeTo);
    assertBetween(mathFrom, (double) count[Topic.MATH.ordinal()] / all, mathTo);
  }

  private static void assertBetween(double from, double share, double to) {
    assertTrue(from <= share && share <= to, share + " is not from " + from + " to " + to);
  }
}
