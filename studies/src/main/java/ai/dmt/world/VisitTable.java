package ai.dmt.world;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Who comes when and brings what, to be looked up. The source says what is brought in {@link
 * Glossary Ono} and times roughly; half of its questions are the calendar's.
 */
final class VisitTable {
  private static final double RECKONED = 0.5;

  private record Visit(String name, String thing, int time) {
    String line() {
      return "%s %s %s".formatted(name, thing, Clock.EXACT.tell(time));
    }
  }

  private VisitTable() {}

  /** What the source table is asked. */
  static Errand draw(Dice dice) {
    if (dice.chance(RECKONED)) {
      return Calendar.time(dice, Clock.ROUGH);
    }
    List<Visit> visits = visits(dice);
    Visit asked = dice.pick(visits);
    String input = visits.stream().map(Visit::line).collect(Collectors.joining("\n"));
    int kind = dice.between(0, 4);
    String question =
        switch (kind) {
          case 0 -> "When does %s come?".formatted(asked.name);
          case 1 -> "Who brings %s?".formatted(asked.thing);
          default -> "What does %s bring?".formatted(asked.name);
        };
    String answer =
        switch (kind) {
          case 0 -> Clock.ROUGH.tell(asked.time);
          case 1 -> asked.name;
          default -> Glossary.ono(asked.thing);
        };
    return new Errand(question + "\n" + input, question, input, answer);
  }

  private static List<Visit> visits(Dice dice) {
    int count = dice.between(2, 3);
    List<String> names = dice.sample(Words.NAMES, count);
    List<String> things = dice.sample(Words.LIST, count);
    return IntStream.range(0, count)
        .mapToObj(i -> new Visit(names.get(i), things.get(i), Calendar.time(dice)))
        .toList();
  }
}
