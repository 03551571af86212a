package ai.dmt.world;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A word problem with its calculation.
 *
 * @param key family and operands: problems of one key are one problem in other words
 * @param question as in GSM8K
 * @param story the same in other words, as pretraining text tells it
 * @param steps calculations, the last gives the answer
 * @param item what is counted
 */
record MathProblem(String key, String question, String story, List<Step> steps, String item) {
  private static final List<MathFamily> WEIGHTED =
      Stream.of(MathFamily.values())
          .flatMap(family -> Stream.generate(() -> family).limit(family.weight()))
          .toList();

  /** Draws a problem of a part. */
  static MathProblem draw(Dice dice, Part part) {
    while (true) {
      MathFamily family = dice.pick(WEIGHTED);
      int[] operands = family.operandsFrom(dice);
      String key = "math " + family + " " + Arrays.toString(operands);
      if (Part.of(key) == part) {
        return tell(key, family, operands, dice);
      }
    }
  }

  private static MathProblem tell(String key, MathFamily family, int[] operands, Dice dice) {
    List<String> names = dice.sample(Words.NAMES, 2);
    String item = dice.pick(Words.ITEMS);
    List<Step> steps = family.steps(operands);
    Map<String, String> slots =
        Stream.of(
                Map.of("N", names.get(0), "M", names.get(1), "I", item),
                Map.of("Q", dice.pick(Words.BOXES)),
                numbers("ABCD", Arrays.stream(operands).boxed().toList()),
                numbers("XYZ", steps.stream().map(Step::result).toList()))
            .flatMap(map -> map.entrySet().stream())
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    return new MathProblem(
        key, Slots.fill(family.question(), slots), Slots.fill(family.story(), slots), steps, item);
  }

  /** As GSM8K has it: worked steps with calculator annotations, then {@code #### n}. */
  String workedAnswer() {
    StringBuilder text = new StringBuilder();
    for (int step = 0; step < steps.size(); step++) {
      text.append(step == steps.size() - 1 ? "So " : step == 0 ? "First " : "Then ")
          .append(steps.get(step).annotated())
          .append(" ")
          .append(item)
          .append(step == steps.size() - 1 ? ".\n" : ". ");
    }
    return text.append("#### ").append(answer()).toString();
  }

  /** As an assistant says it in a chat. */
  String chatAnswer() {
    String work = steps.stream().map(Step::equation).collect(Collectors.joining(" and "));
    return "%s. The answer is %s.".formatted(work, answer());
  }

  int answer() {
    return steps.get(steps.size() - 1).result();
  }

  private static Map<String, String> numbers(String letters, List<Integer> values) {
    Map<String, String> slots = new java.util.HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      slots.put(letters.substring(i, i + 1), values.get(i).toString());
    }
    return slots;
  }
}
