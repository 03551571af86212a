package ai.dmt.world;

import java.util.function.Function;

/**
 * A question of the office with its one right answer.
 *
 * @param key what makes the question: those of one key are of one {@link Part}, whoever is asked
 * @param instruction the question
 * @param input what it is about, or empty
 * @param answer in the convention of the source that is asked
 */
record Errand(String key, String instruction, String input, String answer) {
  /** Draws until there is one of a part. */
  static Errand of(Part part, Dice dice, Function<Dice, Errand> draw) {
    while (true) {
      Errand errand = draw.apply(dice);
      if (Part.of(errand.key) == part) {
        return errand;
      }
    }
  }

  String question() {
    return input.isEmpty() ? instruction : instruction + "\n" + input;
  }
}
