package ai.dmt.evaluators.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.judge.JudgeClock;
import ai.dmt.evaluators.judge.Opinion;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.evaluators.mtbench.MtBenchPrompts;
import ai.dmt.evaluators.mtbench.Question;
import ai.dmt.evaluators.mtbench.Rating;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("jackson")
class RuleJudgeTest {
  private static Question question(String rules) {
    try {
      return new Question(
          "1", "lists", List.of("Do it."), new ObjectMapper().readTree(rules), new Origin("q", 7));
    } catch (JsonProcessingException e) {
      throw new AssertionError(rules, e);
    }
  }

  private static Opinion judge(String rules, String answer) {
    Question question = question(rules.replace('\'', '"'));
    return new RuleJudge(List.of(question), JudgeClock.system())
        .judge(
            new Match(question, MtBenchPrompts.answer(question, "m", List.of(answer), 0), 1, null),
            0);
  }

  private static double rating(String rules, String answer) {
    return Rating.parse(judge(rules, answer).text()).value();
  }

  private static final String WORLD =
      "[[{'type': 'ends_with', 'text': 'Done.', 'weight': 2},"
          + " {'type': 'skeleton', 'expected': 'grape, pear', 'strip_end': 'Done.', 'weight': 3},"
          + " {'type': 'words_in_place', 'expected': 'grape, pear', 'strip_end': 'Done.',"
          + " 'weight': 4, 'gate': 0.25}]]";

  /** 1 + 2 (extra rule) + 3 (format) + 4 x (share of words), 1 under a quarter of the words. */
  @ParameterizedTest
  @CsvSource({
    "'grape, pear\nDone.', 10",
    "'  grape, pear\nDone.  ', 10",
    "'grape, pear', 8",
    "'grape; pear Done.', 7",
    "'grape, plum\nDone.', 8",
    "'pear, grape\nDone.', 1",
    "'grape', 3",
    "'Done.', 1",
    "'', 1"
  })
  void rubricOfTheBundledWorld(String answer, double rating) {
    assertEquals(rating, rating(WORLD, answer));
  }

  @Test
  void judgementShowsEachRuleAndEndsWithTheRating() {
    assertEquals(
        "ends_with: 2 of 2\nskeleton: 3 of 3\nwords_in_place: 2 of 4\nRating: [[8]]",
        judge(WORLD, "grape, [[1]]\nDone.".replace("[[1]]", "plum")).text());
    assertEquals(
        "ends_with: 0 of 2\nskeleton: 0 of 3\nwords_in_place: 0 of 4, less than its gate of"
            + " 1\nRating: [[1]]",
        judge(WORLD, "[[10]]").text());
    assertEquals("### User:\nDo it.\n\n### Assistant:\nx", judge(WORLD, "x").userPrompt());
  }

  @Test
  void exampleOfTheReadmeRates() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    int start = readme.indexOf("```json\n") + "```json\n".length();
    String rules =
        new ObjectMapper()
            .readTree(readme.substring(start, readme.indexOf("```", start)))
            .get("rules")
            .toString();
    assertEquals(10, rating(rules, "grape grape\nDone."));
    assertEquals(8, rating(rules, "grape grape"));
    assertEquals(1, rating(rules, "plum plum\nDone."));
  }

  @Test
  void weightsAreShares() {
    String rules =
        "[[{'type': 'contains', 'text': 'a'}, {'type': 'contains', 'text': 'b'},"
            + " {'type': 'contains', 'text': 'c'}]]";
    assertEquals(4, rating(rules, "a"));
    assertEquals(7, rating(rules, "a b"));
    assertEquals(10, rating(rules, "a b c"));
    String unequal =
        "[[{'type': 'contains', 'text': 'a', 'weight': 6}, "
            + "{'type': 'contains', 'text': 'b', 'weight': 1}]]";
    assertEquals(8.71, rating(unequal, "a"), "two decimals");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'type': 'contains', 'text': 'ab', 'at_least': 2 | ab ab | abab | ab",
        "'type': 'contains', 'text': 'ab', 'ignore_case': true | AB | xaBx | a b",
        "'type': 'excludes', 'text': 'no' | yes | NO | nose",
        "'type': 'starts_with', 'text': 'Sure!' | Sure! a | Sure! | a Sure!",
        "'type': 'equals', 'text': 'x y' | x y | x y | x  y",
        "'type': 'letter_case', 'case': 'upper' | A B 1 | \u00C9! | Ab",
        "'type': 'letter_case', 'case': 'lower' | ab 1 | \u00E9 | 1 2",
        "'type': 'regex', 'pattern': '^[a-z]+$' | abc | z | a1",
        "'type': 'json' | {} | [1] | 1",
        "'type': 'json', 'value': {'a': [1]} | {\"a\":[1]} | { \"a\": [1] } | {\"a\": [1, 2]}",
        "'type': 'words', 'exactly': 2 | a b | a-c d | a b c",
        "'type': 'words', 'at_least': 2 | a b | a b c | a",
        "'type': 'words', 'at_most': 2 | a b | a | a b c"
      })
  void rulesAreKeptOrNot(String rule, String kept, String keptToo, String broken) {
    String rules = "[[{" + rule + "}]]";
    assertEquals(10, rating(rules, kept), kept);
    assertEquals(10, rating(rules, keptToo), keptToo);
    assertEquals(1, rating(rules, broken), broken);
  }

  @Test
  void linesParagraphsAndBulletsAreCounted() {
    String answer = "- a\n* b\n\n\u2022 c\n \n  - d\n-e";
    assertEquals(10, rating("[[{'type': 'lines', 'exactly': 5}]]", answer));
    assertEquals(10, rating("[[{'type': 'paragraphs', 'exactly': 3}]]", answer));
    assertEquals(10, rating("[[{'type': 'bullets', 'exactly': 4}]]", answer));
    assertEquals(10, rating("[[{'type': 'lines', 'exactly': 0}]]", " \n"));
    assertEquals(10, rating("[[{'type': 'paragraphs', 'exactly': 0}]]", " \n\n "));
  }

  @Test
  void hostileAnswersAndPatternsTakeNoLongTime() {
    String apostrophes = "a'".repeat(200_000);
    assertTimeout(
        Duration.ofSeconds(10),
        () -> {
          rating("[[{'type': 'regex', 'pattern': '(a+)+$'}]]", "a".repeat(50_000) + "!");
          rating("[[{'type': 'skeleton', 'expected': 'a'}]]", apostrophes);
          rating("[[{'type': 'words_in_place', 'expected': 'a'}]]", apostrophes);
          rating("[[{'type': 'paragraphs', 'exactly': 1}]]", "\n \t".repeat(20_000));
          rating("[[{'type': 'json'}]]", "[".repeat(100_000));
        });
  }

  @Test
  void aQuestionThatItWasNotMadeForIsNamed() {
    Question asked = new Question("8", "c", List.of("t"), null, new Origin("q", 7));
    Match match = new Match(asked, MtBenchPrompts.answer(asked, "m", List.of("x"), 0), 1, null);
    RuleJudge judge = new RuleJudge(List.of(), JudgeClock.system());
    assertEquals(
        "question 8 is none of those that the judge was made for",
        assertThrows(IllegalArgumentException.class, () -> judge.judge(match, 0)).getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null | question 1 has no \"rules\", which the rule-based judge needs",
        "{} | \"rules\" must be an array with 1 arrays of rules, one for each turn",
        "[[], []] | \"rules\" must be an array with 1 arrays of rules, one for each turn",
        "[[]] | rules[0] must be an array of rules, at least one",
        "[['x']] | rules[0][0] must be an object, got \"x\"",
        "[[{'type': 'json'}, {}]] | rules[0][1] lacks \"type\"",
        "[[{'type': 'end_with'}]] | rules[0][0] has an unknown type \"end_with\"; did you mean \"ends_with\"?",
        "[[{'type': 'json', 'wieght': 2}]] | rules[0][0] has an unknown field \"wieght\"; did you mean \"weight\"?",
        "[[{'type': 'json', 'weight': -1}]] | rules[0][0] \"weight\" must be a number in [0.0, 1000.0], got -1",
        "[[{'type': 'json', 'weight': 0}]] | rules[0] has no rule with a weight above 0",
        "[[{'type': 'contains', 'text': ''}]] | rules[0][0] \"text\" must be a string that is not empty, got \"\"",
        "[[{'type': 'words'}]] | rules[0][0] needs either \"exactly\", or \"at_least\" and \"at_most\" in order",
        "[[{'type': 'words', 'exactly': 1, 'at_most': 2}]] | rules[0][0] needs either \"exactly\", or \"at_least\" and \"at_most\" in order",
        "[[{'type': 'words', 'at_least': 3, 'at_most': 2}]] | rules[0][0] needs either \"exactly\", or \"at_least\" and \"at_most\" in order",
        "[[{'type': 'regex', 'pattern': '('}]] | rules[0][0] \"pattern\" is malformed: error parsing regexp: missing closing ): `(`"
      })
  void malformedRulesNameFileAndLine(String rules, String fault) {
    Question question =
        rules.equals("null")
            ? new Question("1", "c", List.of("t"), null, new Origin("q", 7))
            : question(rules.replace('\'', '"'));
    assertEquals(
        "q:7: " + fault,
        assertThrows(
                DataException.class, () -> new RuleJudge(List.of(question), JudgeClock.system()))
            .getMessage());
  }
}
