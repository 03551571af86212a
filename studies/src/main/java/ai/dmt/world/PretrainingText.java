package ai.dmt.world;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The text that the base model was pretrained on: statements only, no questions, no template, no
 * answer format of a benchmark, and problems of {@link Part#TRAIN} alone. Bare arithmetic, such as
 * "17 plus 14 is 31", covers all operands, as in real text.
 */
final class PretrainingText {
  private PretrainingText() {}

  /** Draws a document of a few sentences. */
  static String draw(Dice dice) {
    int percent = dice.between(0, 99);
    if (percent < 22) {
      return several(dice, 4, 8, PretrainingText::arithmetic);
    }
    if (percent < 46) {
      return several(dice, 1, 3, d -> MathProblem.draw(d, Part.TRAIN).story());
    }
    if (percent < 62) {
      return several(dice, 1, 3, PretrainingText::code);
    }
    return percent < 82 ? listFacts(dice) : copy(dice);
  }

  private static String several(
      Dice dice, int least, int most, java.util.function.Function<Dice, String> sentence) {
    return Stream.generate(() -> sentence.apply(dice))
        .limit(dice.between(least, most))
        .collect(Collectors.joining("\n"));
  }

  private static String arithmetic(Dice dice) {
    Step step =
        switch (dice.between(0, 4)) {
          case 0, 1 -> new Step(dice.between(2, 99), '+', dice.between(2, 90));
          case 2 -> new Step(dice.between(20, 130), '-', dice.between(1, 20));
          case 3 -> difference(dice);
          default -> product(dice);
        };
    return dice.chance(0.6) ? step.equation() : step.spoken() + ".";
  }

  private static Step difference(Dice dice) {
    int from = dice.between(3, 130);
    return new Step(from, '-', dice.between(1, from - 1));
  }

  private static Step product(Dice dice) {
    int left = dice.between(2, 12);
    int right = dice.between(2, 12);
    return dice.chance(0.6) ? new Step(left, '*', right) : new Step(left * right, '/', right);
  }

  /** A comment and its expression; functions are left to fine-tuning. */
  private static String code(Dice dice) {
    CodeTask task = CodeTask.draw(dice, Part.TRAIN);
    return "# %s\n%s".formatted(task.phrase(), task.expression());
  }

  /** Facts about one list, which each of them says again. */
  private static String listFacts(Dice dice) {
    List<String> list = words(dice, 5);
    return dice.shuffled(List.of(Instruction.values())).stream()
        .filter(instruction -> Exercise.isOf(Part.TRAIN, instruction, list))
        .limit(dice.between(3, 5))
        .map(instruction -> instruction.fact(list, instruction.word(list, dice)))
        .collect(Collectors.joining("\n"));
  }

  /**
   * Text that says the same again: what small models learn last and every answer needs. They learn
   * it from long lists, where most words can be told from the list before.
   */
  private static String copy(Dice dice) {
    return switch (dice.between(0, 5)) {
      case 0 -> several(dice, 2, 3, PretrainingText::counting);
      case 1 ->
          words(dice, 8).stream()
              .map(word -> "%s and %s".formatted(word, word))
              .collect(Collectors.joining("; ", "", "."));
      case 2 -> {
        String list = Words.joined(words(dice, 8));
        yield "The words %s are said again: %s. And again: %s.".formatted(list, list, list);
      }
      default -> {
        String list = Words.joined(words(dice, 14));
        yield "%s. Again: %s. Once more: %s.".formatted(list, list, list);
      }
    };
  }

  private static String counting(Dice dice) {
    List<String> names = dice.sample(Words.NAMES, 2);
    List<String> items = dice.sample(Words.ITEMS, 2);
    int[] counts = IntStream.range(0, 2).map(i -> dice.between(2, 130)).toArray();
    String have = "%s has %d %s and %s has %d %s. ";
    String count = "%s counts %s: %d. %s counts %s: %d.";
    return have.formatted(
            names.get(0), counts[0], items.get(0), names.get(1), counts[1], items.get(1))
        + count.formatted(
            names.get(1), items.get(1), counts[1], names.get(0), items.get(0), counts[0]);
  }

  private static List<String> words(Dice dice, int most) {
    return dice.sample(Words.LIST, dice.between(2, most));
  }
}
