package ai.dmt.world;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tasks over a text or a number: two or three operations one after the other. */
final class ChainTasks {
  /**
   * An operation.
   *
   * @param phrase with {@code %d} for a constant
   * @param python with {@code %s} for what it is applied to
   * @param binds whether its result can be operated on without parentheses
   */
  private record Operation(String phrase, String python, boolean binds) {}

  private static final List<Operation> TEXTS =
      List.of(
          new Operation("in upper case", "%s.upper()", true),
          new Operation("in lower case", "%s.lower()", true),
          new Operation("reversed", "%s[::-1]", true),
          new Operation("without spaces", "%s.replace(\" \", \"\")", true),
          new Operation("cut to %d letters", "%s[:%d]", true),
          new Operation("without the first %d letters", "%s[%d:]", true),
          new Operation("repeated %d times", "%s * %d", false),
          new Operation("followed by an x", "%s + \"x\"", false));
  private static final List<Operation> NUMBERS =
      List.of(
          new Operation("plus %d", "%s + %d", false),
          new Operation("minus %d", "%s - %d", false),
          new Operation("times %d", "%s * %d", false),
          new Operation("modulo %d", "%s %% %d", false),
          new Operation("squared", "%s ** 2", false));

  private ChainTasks() {}

  static CodeTask draw(Dice dice) {
    boolean text = dice.chance(0.5);
    List<Operation> operations = dice.sample(text ? TEXTS : NUMBERS, dice.chance(0.4) ? 3 : 2);
    String argument = text ? "s" : "n";
    StringBuilder phrase = new StringBuilder(argument);
    String python = argument;
    boolean binds = true;
    for (Operation operation : operations) {
      String constant = Integer.toString(dice.between(2, 9));
      phrase.append(phrase.length() == 1 ? " " : " and then ");
      phrase.append(operation.phrase.replace("%d", constant));
      python =
          operation
              .python
              .replace("%d", constant)
              .replace("%%", "%")
              .replace("%s", binds ? python : "(" + python + ")");
      binds = operation.binds;
    }
    String key =
        operations.stream().map(Operation::phrase).collect(Collectors.joining(" ", argument, ""));
    return new CodeTask(
        key, phrase.toString(), python, argument, text ? texts(dice) : numbers(dice));
  }

  private static String texts(Dice dice) {
    return "\"\", \"Ab\", "
        + IntStream.range(0, 5)
            .mapToObj(i -> words(dice))
            .map("\"%s\""::formatted)
            .collect(Collectors.joining(", "));
  }

  private static String words(Dice dice) {
    return dice.sample(Words.LIST, dice.between(1, 3)).stream()
        .map(
            word ->
                dice.chance(0.5)
                    ? word
                    : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining(" "));
  }

  private static String numbers(Dice dice) {
    return "0, 1, -1, "
        + IntStream.range(0, 6)
            .mapToObj(i -> Integer.toString(dice.between(-30, 60)))
            .collect(Collectors.joining(", "));
  }
}
