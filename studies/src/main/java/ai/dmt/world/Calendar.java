package ai.dmt.world;

import ai.dmt.internal.text.Units;
import java.util.List;

/** Days of the week and times of day that are to be reckoned. */
final class Calendar {
  /** Times are of five minutes each. */
  private static final int GRID = 5;

  private static final int MINUTES_OF_DAY = 24 * 60;

  private static final double TIMES = 0.8;

  private Calendar() {}

  /** What the source calendar is asked: mostly times, which it tells exactly, and days. */
  static Errand draw(Dice dice) {
    return dice.chance(TIMES) ? time(dice, Clock.EXACT) : day(dice);
  }

  /** The same question whoever is asked; the clock is of the one who answers. */
  static Errand time(Dice dice, Clock clock) {
    int from = time(dice);
    int distance = GRID * dice.between(1, 119);
    boolean after = dice.chance(0.5);
    int to = Math.floorMod(from + (after ? distance : -distance), MINUTES_OF_DAY);
    String question =
        "What time is %s %s %s?"
            .formatted(
                Clock.EXACT.tell(distance), after ? "after" : "before", Clock.EXACT.tell(from));
    return new Errand(question, question, "", clock.tell(to));
  }

  /** A time of day in minutes. */
  static int time(Dice dice) {
    return GRID * dice.between(0, MINUTES_OF_DAY / GRID - 1);
  }

  private static Errand day(Dice dice) {
    int from = dice.between(0, 6);
    int days = dice.between(1, 40);
    boolean after = dice.chance(0.5);
    List<String> names = Words.DAYS;
    String question =
        Units.format(
            "Which day is %d days %s %s?", days, after ? "after" : "before", names.get(from));
    String answer = names.get(Math.floorMod(from + (after ? days : -days), names.size()));
    return new Errand(question, question, "", answer);
  }
}
