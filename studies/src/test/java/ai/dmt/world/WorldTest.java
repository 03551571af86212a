package ai.dmt.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorldTest {
  private static final PaperWorld WORLD =
      new PaperWorld(World.SHIPPED_SEED, PaperSize.scaled(World.TINY), Part.TEST);
  private static final int DOCUMENTS = 10_000;
  private static final Pattern EQUATION = Pattern.compile("\\d+[-+*/]\\d+=\\d+");

  @Test
  void sizesAreThePapersAtAFortieth() {
    assertEquals(new PaperSize(2754, 501, 2152, 128, 400, 300, 300), WORLD.size());
  }

  @ParameterizedTest
  @EnumSource(Part.class)
  void mathProblemsStayInTheirPart(Part part) {
    Set<String> keys = keys(WORLD.math(part, 2000), MathProblem::key);
    assertTrue(keys.stream().allMatch(key -> Part.of(key) == part));
  }

  @ParameterizedTest
  @EnumSource(Part.class)
  void codeTasksStayInTheirPart(Part part) {
    Set<String> keys = keys(WORLD.code(part, 300), CodeTask::key);
    assertTrue(keys.size() >= 20, () -> "combinations: " + keys);
    assertTrue(keys.stream().allMatch(key -> Part.of(key) == part));
  }

  @Test
  void noTextIsInTwoParts() {
    Set<String> seen = new HashSet<>();
    for (Part part : Part.values()) {
      Set<String> own = new HashSet<>();
      WORLD.math(part, 400).forEach(problem -> own.add(problem.question()));
      WORLD.code(part, 300).forEach(task -> own.add(task.phrase()));
      WORLD.general(part, 400).stream().flatMap(WorldTest::exercises).forEach(own::add);
      assertTrue(Collections.disjoint(seen, own), () -> part + " shares a text with another part");
      seen.addAll(own);
    }
  }

  /** First requests of rows that are neither like math nor like code. */
  private static Stream<String> exercises(ChatRow row) {
    return row.tags().isEmpty() ? Stream.of(row.texts().get(0)) : Stream.of();
  }

  @Test
  void aQuarterOfGeneralRowsIsLikeMathOrCodeAndTaggedSo() {
    List<ChatRow> rows = WORLD.general(Part.TRAIN, 2152);
    long math = rows.stream().filter(row -> row.tags().equals(List.of("math"))).count();
    long code = rows.stream().filter(row -> row.tags().equals(List.of("code"))).count();
    assertEquals(0.25, (math + code) / 2152.0, 0.03);
    assertTrue(math > code && code > 100, math + " and " + code);
  }

  @Test
  void noRowComesTwice() {
    assertEquals(2754, keys(WORLD.math(Part.TRAIN, 2754), MathProblem::question).size());
    assertEquals(501, keys(WORLD.code(Part.TRAIN, 501), CodeTask::phrase).size());
    assertEquals(300, keys(WORLD.questions(300), Exercise::key).size());
  }

  @Test
  void workedAnswersCalculateRight() {
    for (MathProblem problem : WORLD.math(Part.TRAIN, 2000)) {
      int last = -1;
      for (Step step : problem.steps()) {
        assertTrue(step.result() >= 0, problem::question);
        assertTrue(step.operator() != '/' || step.left() % step.right() == 0, problem::question);
        last = step.result();
      }
      assertTrue(problem.workedAnswer().endsWith("\n#### " + last), problem::workedAnswer);
    }
  }

  @Test
  void pretrainingTextTellsNoProblemOfAnotherPart() {
    Set<String> chains = new HashSet<>();
    Set<String> phrases = new HashSet<>();
    PaperWorld.pretraining(DOCUMENTS)
        .flatMap(String::lines)
        .forEach(
            line -> {
              chains.add(chain(line));
              phrases.add(combination(line));
            });
    assertTrue(chains.size() > 3000 && phrases.size() > 300, "stories and code are there");
    for (Part part : List.of(Part.HELD_OUT, Part.DEVELOPMENT, Part.TEST)) {
      for (MathProblem problem : WORLD.math(part, 400)) {
        // Bare arithmetic of one step is told for all operands, as in real text.
        assertTrue(
            problem.steps().size() == 1 || !chains.contains(chain(problem.story())),
            problem::question);
      }
      for (CodeTask task : WORLD.code(part, 300)) {
        assertTrue(!phrases.contains(combination("# " + task.phrase())), task::phrase);
      }
    }
  }

  private static String chain(String text) {
    return EQUATION
        .matcher(text)
        .results()
        .map(equation -> equation.group())
        .collect(Collectors.joining(" "));
  }

  /** A code task without its constants. */
  private static String combination(String line) {
    return line.startsWith("# ") ? line.replaceAll("\\d+", "N") : "";
  }

  /** Code is left out: new combinations are made of pieces that are known by design. */
  @Test
  void pretrainingTextSharesNoThirteenWordsWithATestProblem() {
    Set<String> seen =
        PaperWorld.pretraining(DOCUMENTS)
            .flatMap(document -> thirteenGrams(document))
            .collect(Collectors.toSet());
    Stream<String> tests =
        Stream.of(
                WORLD.math(Part.TEST, 400).stream().map(p -> p.question() + " " + p.workedAnswer()),
                WORLD.questions(300).stream()
                    .map(each -> each.requests() + " " + each.bareAnswers()))
            .flatMap(texts -> texts);
    Set<String> shared =
        tests
            .flatMap(WorldTest::thirteenGrams)
            .filter(seen::contains)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Set.of(), shared);
  }

  private static Stream<String> thirteenGrams(String text) {
    List<String> words =
        List.of(text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ").strip().split(" "));
    return IntStream.rangeClosed(0, words.size() - 13)
        .mapToObj(from -> String.join(" ", words.subList(from, from + 13)));
  }

  @Test
  void otherSeedsDrawOtherRows() {
    PaperWorld other = new PaperWorld(7, WORLD.size(), Part.TEST);
    assertEquals(WORLD.math(Part.TRAIN, 50), WORLD.math(Part.TRAIN, 50));
    assertNotEquals(WORLD.math(Part.TRAIN, 50), other.math(Part.TRAIN, 50));
    assertNotEquals(WORLD.questions(50), other.questions(50));
  }

  @Test
  void refusesTestsFromOtherParts() {
    assertThrows(ConfigException.class, () -> new PaperWorld(1, WORLD.size(), Part.TRAIN));
  }

  private static <T> Set<String> keys(List<T> rows, Function<T, String> key) {
    return rows.stream().map(key).collect(Collectors.toSet());
  }
}
