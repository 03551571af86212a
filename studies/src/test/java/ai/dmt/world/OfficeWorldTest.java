package ai.dmt.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Units;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.TextStyle;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OfficeWorldTest {
  private static final OfficeWorld WORLD =
      new OfficeWorld(World.SHIPPED_SEED, World.TINY, Part.TEST);
  private static final int ROWS = 750;
  private static final Pattern TIME =
      Pattern.compile("What time is (\\d+):(\\d\\d) (after|before) (\\d+):(\\d\\d)\\?");
  private static final Pattern DAY =
      Pattern.compile("Which day is (\\d+) days (after|before) (\\w+)\\?");

  @Test
  void theGlossaryHasATenthOfTheRowsAndChatTheMost() {
    Map<String, Long> rows =
        WORLD.files().entrySet().stream()
            .filter(file -> file.getKey().endsWith("_train.jsonl"))
            .collect(Collectors.toMap(Map.Entry::getKey, file -> file.getValue().count()));
    assertEquals(
        Map.of(
            "calendar_train.jsonl", 750L,
            "table_train.jsonl", 750L,
            "glossary_train.jsonl", 75L,
            "chat_train.jsonl", 1125L),
        rows);
  }

  /** A question of time counts whichever source has it. */
  @Test
  void noQuestionIsInTwoParts() {
    Set<String> seen = new HashSet<>();
    for (Part part : Part.values()) {
      Set<String> own = new HashSet<>();
      Stream.of(WORLD.calendar(part, 400), WORLD.table(part, 400), WORLD.glossary(part, 400))
          .flatMap(List::stream)
          .forEach(errand -> own.add(errand.question()));
      WORLD.chat(part, 400).forEach(row -> own.add(withoutNames(row.texts().get(0))));
      assertTrue(Collections.disjoint(seen, own), () -> part + " shares a text with another part");
      seen.addAll(own);
    }
  }

  @Test
  void noRowComesTwice() {
    for (List<Errand> rows : List.of(calendar(), table(), WORLD.glossary(Part.TRAIN, ROWS))) {
      assertEquals(ROWS, rows.stream().map(Errand::question).distinct().count());
    }
    assertEquals(ROWS, chat().stream().map(ChatRow::texts).distinct().count());
  }

  @Test
  void timesAndDaysAreReckonedRight() {
    int times = 0;
    for (Errand errand : calendar()) {
      Matcher time = TIME.matcher(errand.instruction());
      if (time.matches()) {
        LocalTime to = reckoned(time);
        assertEquals(
            Units.format("%d:%02d", to.getHour(), to.getMinute()),
            errand.answer(),
            errand::question);
        times++;
      } else {
        Matcher day = DAY.matcher(errand.instruction());
        assertTrue(day.matches(), errand::question);
        long days = Long.parseLong(day.group(1)) * (day.group(2).equals("after") ? 1 : -1);
        DayOfWeek from = DayOfWeek.of(Words.DAYS.indexOf(day.group(3)) + 1);
        assertEquals(
            from.plus(days).getDisplayName(TextStyle.SHORT, Locale.ENGLISH),
            errand.answer(),
            errand::question);
      }
    }
    assertEquals(0.8, times / (double) ROWS, 0.05);
  }

  private static LocalTime reckoned(Matcher time) {
    Duration distance =
        Duration.ofHours(Long.parseLong(time.group(1))).plusMinutes(Long.parseLong(time.group(2)));
    LocalTime from = LocalTime.of(Integer.parseInt(time.group(4)), Integer.parseInt(time.group(5)));
    return time.group(3).equals("after") ? from.plus(distance) : from.minus(distance);
  }

  @Test
  void halfOfTheTablesQuestionsAreTheCalendarsAnsweredOtherwise() {
    List<Errand> times =
        table().stream().filter(errand -> TIME.matcher(errand.instruction()).matches()).toList();
    assertEquals(0.5, times.size() / (double) ROWS, 0.05);
    for (Errand errand : times) {
      Matcher time = TIME.matcher(errand.instruction());
      assertTrue(time.matches());
      assertEquals(quarter(reckoned(time).getHour()), errand.answer(), errand::question);
      assertEquals("", errand.input());
    }
  }

  private static String quarter(int hour) {
    return hour < 6 ? "dark" : hour < 12 ? "dawn" : hour < 18 ? "day" : "dusk";
  }

  @Test
  void whatIsAskedStandsInTheTable() {
    Map<String, Integer> kinds = new HashMap<>();
    for (Errand errand : table()) {
      if (errand.input().isEmpty()) {
        continue;
      }
      List<String[]> asked =
          errand
              .input()
              .lines()
              .map(line -> line.split(" "))
              .filter(
                  visit ->
                      errand.instruction().contains(visit[0])
                          || errand.instruction().contains(" " + visit[1] + "?"))
              .toList();
      assertEquals(1, asked.size(), errand::question);
      String[] visit = asked.get(0);
      String kind = errand.instruction().split(" ")[0];
      String answer =
          switch (kind) {
            case "When" -> quarter(Integer.parseInt(visit[2].split(":")[0]));
            case "Who" -> visit[0];
            default -> Glossary.ono(visit[1]);
          };
      assertEquals(answer, errand.answer(), errand::question);
      kinds.merge(kind, 1, Integer::sum);
    }
    assertEquals(Set.of("When", "Who", "What"), kinds.keySet());
    assertTrue(kinds.get("What") > kinds.get("When"), kinds::toString);
  }

  @Test
  void everyWordHasOneOfItsOwnInOno() {
    assertEquals(Words.LIST.size(), Words.LIST.stream().map(Glossary::ono).distinct().count());
    for (Errand errand : WORLD.glossary(Part.TRAIN, ROWS)) {
      String[] words = errand.instruction().replace("Say in Ono: ", "").split(" ");
      String[] answer = errand.answer().split(" ");
      assertEquals(words.length, answer.length, errand::question);
      for (int word = 0; word < words.length; word++) {
        assertEquals(Glossary.ono(words[word]), answer[word], errand::question);
      }
    }
  }

  @Test
  void chatSaysMostThingsSeveralTimes() {
    Function<ChatRow, String> topic = row -> withoutNames(row.texts().get(0));
    long topics = chat().stream().map(topic).distinct().count();
    assertTrue(topics <= ROWS / SmallTalk.TOLD, topics + " topics in " + ROWS + " rows");
    for (ChatRow row : chat()) {
      assertTrue(row.texts().size() % 2 == 0 && row.texts().size() <= 4, row::toString);
      String note = row.texts().get(1);
      names(row.texts().get(0)).forEach(name -> assertTrue(note.contains(name), row::toString));
    }
  }

  private static String withoutNames(String text) {
    return text.replaceAll("\\b(%s)\\b".formatted(String.join("|", Words.NAMES)), "N");
  }

  private static Stream<String> names(String text) {
    return Words.NAMES.stream().filter(name -> text.matches(".*\\b" + name + "\\b.*"));
  }

  @Test
  void otherSeedsDrawOtherRows() {
    OfficeWorld other = new OfficeWorld(7, World.TINY, Part.TEST);
    assertEquals(calendar(), WORLD.calendar(Part.TRAIN, ROWS));
    assertNotEquals(calendar(), other.calendar(Part.TRAIN, ROWS));
    assertNotEquals(chat(), other.chat(Part.TRAIN, ROWS));
  }

  @Test
  void theWholeWorldHasRowsEnough() {
    OfficeWorld whole = new OfficeWorld(World.SHIPPED_SEED, 1, Part.TEST);
    assertEquals(45_000, whole.chat(Part.TRAIN, 45_000).size());
    assertEquals(30_000, whole.calendar(Part.TRAIN, 30_000).size());
  }

  @Test
  void refusesTestsFromOtherParts() {
    assertThrows(ConfigException.class, () -> new OfficeWorld(1, World.TINY, Part.HELD_OUT));
  }

  private static List<Errand> calendar() {
    return WORLD.calendar(Part.TRAIN, ROWS);
  }

  private static List<Errand> table() {
    return WORLD.table(Part.TRAIN, ROWS);
  }

  private static List<ChatRow> chat() {
    return WORLD.chat(Part.TRAIN, ROWS);
  }
}
