package ai.dmt.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A conversation of one or two turns whose answers are known.
 *
 * @param key instruction and first list: problems of one key are one problem
 * @param category name of the instruction
 * @param requests of the user
 * @param bareAnswers as they should be, without opening and ending
 * @param opening line that the user wants first, or empty
 * @param ending line that the user wants last, or empty
 */
record Exercise(
    String key,
    String category,
    List<String> requests,
    List<String> bareAnswers,
    String opening,
    String ending) {
  private static final double EXTRA_RULE = 0.5;
  private static final double SECOND_TURN = 0.4;

  /** Draws an exercise of a part. */
  static Exercise draw(Dice dice, Part part) {
    Instruction instruction = dice.pick(Instruction.values());
    return write(instruction, list(instruction, dice, part), dice, part);
  }

  /** A list of words with which an instruction is a problem of a part. */
  static List<String> list(Instruction instruction, Dice dice, Part part) {
    while (true) {
      List<String> list = dice.sample(Words.LIST, dice.between(2, 5));
      if (isOf(part, instruction, list)) {
        return list;
      }
    }
  }

  /** Whether an instruction with a list is a problem of a part. */
  static boolean isOf(Part part, Instruction instruction, List<String> list) {
    return Part.of(key(instruction, list)) == part;
  }

  private static String key(Instruction instruction, List<String> list) {
    return "general " + instruction + " " + Words.joined(list);
  }

  private static Exercise write(Instruction instruction, List<String> list, Dice dice, Part part) {
    String word = instruction.word(list, dice);
    String opening = "";
    String ending = "";
    if (dice.chance(EXTRA_RULE)) {
      if (dice.chance(0.5)) {
        opening = dice.pick("Sure!", "Here it is:");
      } else {
        ending = dice.pick("Done.", "That is all.");
      }
    }
    List<String> requests = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    requests.add(instruction.request(list, word) + extraRule(opening, ending));
    answers.add(instruction.answer(list, word));
    if (instruction.repeatable() && dice.chance(SECOND_TURN)) {
      List<String> next = list(instruction, dice, part);
      requests.add(dice.pick("Now do the same with: ", "And now for: ") + Words.joined(next));
      answers.add(instruction.answer(next, word));
    }
    return new Exercise(
        key(instruction, list),
        instruction.name().toLowerCase(Locale.ROOT),
        requests,
        answers,
        opening,
        ending);
  }

  private static String extraRule(String opening, String ending) {
    if (!opening.isEmpty()) {
      return "\nStart with " + opening;
    }
    return ending.isEmpty() ? "" : "\nEnd with " + ending;
  }

  /** What the assistant should say. */
  List<String> answers() {
    return bareAnswers.stream()
        .map(
            answer ->
                (opening.isEmpty() ? "" : opening + " ")
                    + answer
                    + (ending.isEmpty() ? "" : "\n" + ending))
        .toList();
  }
}
