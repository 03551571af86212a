package ai.dmt.evaluators.gsm8k;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Gsm8kModeTest {
  private static final List<Gsm8kMode> FOUR =
      List.of(
          Gsm8kMode.OPENAI, Gsm8kMode.SCREL, Gsm8kMode.LM_EVAL_STRICT, Gsm8kMode.LM_EVAL_FLEXIBLE);

  private static Gsm8kProblem problem(String gold) {
    return new Gsm8kProblem("0", Origin.UNKNOWN, "q", "It is <<1+1=2>>2.\n#### " + gold);
  }

  /** "1" for right; a slash in the text stands for a line feed. */
  private static String verdicts(List<Gsm8kMode> modes, String output, String gold) {
    String completion = output.replace(" / ", "\n");
    return modes.stream()
        .map(
            mode ->
                mode.extract(completion)
                    .map(answer -> mode.isRight(answer, problem(gold)) ? "1" : "0")
                    .orElse("0"))
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest(name = "{0} ({1})")
  @CsvSource(
      delimiter = '|',
      value = {
        "so 18 / #### 18              | 18    | 1 1 1 1",
        "#### 18.00                   | 18    | 0 1 0 0",
        "#### 18.                     | 18    | 0 1 1 1",
        "#### $18                     | 18    | 0 0 0 1",
        "#### 1,000                   | 1000  | 1 1 1 1",
        "The answer is 18             | 18    | 0 0 0 1",
        "The answer is 18...          | 18    | 0 0 0 0",
        "#### 1.8.0                   | 18    | 0 0 0 0",
        "****18****                   | 18    | 0 0 0 1",
        "#### 18 / That is 3 per day  | 18    | 1 1 1 0",
        "#### 18 /  / Q2 #### 7       | 18    | 1 1 1 0",
        "loss of -$5                  | -5    | 0 0 0 1",
        "#### -5                      | -5    | 1 1 1 1",
        "#### 5 apples                | 5     | 1 1 1 1",
        "$70,000.00                   | 70000 | 0 0 0 0",
        "####5                        | 5     | 0 0 0 1",
        "#### .5                      | 0.5   | 0 1 0 0",
      })
  void goldenDivergences(String output, String gold, String expected) {
    assertEquals(expected, verdicts(FOUR, output, gold));
  }

  @ParameterizedTest(name = "{0} ({1})")
  @CsvSource(
      delimiter = '|',
      value = {
        "So it is $1,234.50 in all.     | 1234.5 | 1",
        "10-5                           | 5      | 1",
        "loss of -$5                    | -5     | 1",
        "loss of $-5.                   | -5     | 1",
        "#### 18.                       | 18     | 1",
        "#### 18.00                     | 18     | 1",
        "$70,000.00                     | 70000  | 1",
        "A: 18 / That is 3 per day      | 18     | 0",
        "half, that is .5               | 0.5    | 1",
        "1.2.3                          | 3      | 1",
        "none                           | 3      | 0",
      })
  void lastNumber(String output, String gold, String expected) {
    assertEquals(expected, verdicts(List.of(Gsm8kMode.LAST_NUMBER), output, gold));
  }

  @ParameterizedTest(name = "{0} ({1})")
  @CsvSource(
      delimiter = '|',
      value = {
        "The answer is 18.              | 18   | 1 1",
        "The answer is 18. /            | 18   | 1 1",
        "The answer is 18. Q            | 18   | 1 1",
        "The answer is 18               | 18   | 0 1",
        "The answer is 18               | 1    | 1 1",
        "The answer is $18.             | 18   | 0 0",
        "The answer is 1,000.           | 1000 | 1 0",
        "The answer is 3. The answer is 18. | 18 | 0 1",
        "18                             | 18   | 0 1",
      })
  void chainOfThoughtRules(String output, String gold, String expected) {
    assertEquals(
        expected,
        verdicts(List.of(Gsm8kMode.LM_EVAL_COT_STRICT, Gsm8kMode.LLM_FOUNDRY), output, gold));
  }

  /** What Python's float() takes and what it does not. */
  @ParameterizedTest
  @CsvSource({"5.,true", ".5,true", "-.5,true", "007,true", ".,false", "-,false", "1-,true"})
  void screlReadsNumbersAsPythonDoes(String number, boolean valid) {
    assertEquals(valid, Gsm8kMode.SCREL.extract("#### " + number).isPresent());
  }

  @Test
  void screlDoesNotReadBeyondNulAndKnowsNoEqualInfinities() {
    assertTrue(Gsm8kMode.SCREL.extract("a\0#### 5").isEmpty());
    assertTrue(Gsm8kMode.OPENAI.extract("a\0#### 5").isPresent());
    String huge = "9".repeat(400); // inf - inf is NaN in Python too
    assertEquals("1 0", verdicts(FOUR.subList(0, 2), "#### " + huge, huge));
  }

  @Test
  void answersWithoutAnythingAreWrongAndNotInvalid() {
    assertEquals("", Gsm8kMode.OPENAI.extract("#### ,").orElseThrow());
    assertTrue(Gsm8kMode.OPENAI.extract("####  5").isEmpty());
    assertEquals("..", Gsm8kMode.LM_EVAL_FLEXIBLE.extract("5 ..").orElseThrow());
  }

  @Test
  void goldWithoutANumberIsRefused() {
    for (String answer : List.of("", "####18", "#### .", "18")) {
      Origin origin = new Origin("p.jsonl", 7);
      String said =
          assertThrows(DataException.class, () -> new Gsm8kProblem("0", origin, "q", answer))
              .getMessage();
      assertTrue(said.startsWith("p.jsonl:7: \"answer\" has no \"#### n\""), said);
    }
  }

  @Test
  void namesStandForModes() {
    assertEquals(5, Gsm8kMode.parse("all").size());
    assertEquals(List.of(Gsm8kMode.SCREL, Gsm8kMode.OPENAI), Gsm8kMode.parse("screl,openai,screl"));
    String said =
        assertThrows(ConfigException.class, () -> Gsm8kMode.parse("lm-eval-strit")).getMessage();
    assertTrue(said.contains("did you mean lm-eval-strict?"), said);
  }
}
