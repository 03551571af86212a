package ai.dmt.world;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tasks over a list of numbers: an aggregate of a map of the numbers that pass filters. */
final class ListTasks {
  /** Phrase and Python of an aggregate; {@code %s} is the comprehension. */
  private record Aggregate(String phrase, String python) {}

  /** Phrase before the numbers, and Python of one mapped number. */
  private record Mapping(String phrase, String python) {}

  /** Word before "numbers" or words after it, and the condition; {@code %d} is a constant. */
  private record Filter(String phrase, String python) {}

  private static final Aggregate COUNT = new Aggregate("the number of", "len([%s])");
  private static final List<Aggregate> AGGREGATES =
      List.of(
          COUNT,
          new Aggregate("the sum of", "sum(%s)"),
          new Aggregate("the largest of", "max((%s), default=0)"),
          new Aggregate("the smallest of", "min((%s), default=0)"),
          new Aggregate("the list of", "[%s]"),
          new Aggregate("the sorted list of", "sorted(%s)"));

  private static final Mapping SAME = new Mapping("the", "x");
  private static final List<Mapping> MAPPINGS =
      List.of(
          SAME,
          SAME,
          new Mapping("the doubles of the", "x * 2"),
          new Mapping("the triples of the", "x * 3"),
          new Mapping("the squares of the", "x * x"),
          new Mapping("the negatives of the", "-x"));

  private static final List<Filter> ADJECTIVES =
      List.of(
          new Filter("even", "x % 2 == 0"),
          new Filter("odd", "x % 2 == 1"),
          new Filter("positive", "x > 0"),
          new Filter("negative", "x < 0"));
  private static final List<Filter> CLAUSES =
      List.of(
          new Filter("greater than %d", "x > %d"),
          new Filter("less than %d", "x < %d"),
          new Filter("divisible by %d", "x % %d == 0"),
          new Filter("other than %d", "x != %d"));

  private ListTasks() {}

  static CodeTask draw(Dice dice) {
    Aggregate aggregate = dice.pick(AGGREGATES);
    Mapping mapping = aggregate == COUNT ? SAME : dice.pick(MAPPINGS);
    boolean both = dice.chance(0.35);
    List<Filter> before = both || dice.chance(0.45) ? List.of(dice.pick(ADJECTIVES)) : List.of();
    List<Filter> after =
        both || (before.isEmpty() && dice.chance(0.8)) ? List.of(dice.pick(CLAUSES)) : List.of();
    int constant = dice.between(3, 9);

    List<String> key = new ArrayList<>(List.of("list", aggregate.python, mapping.python));
    before.forEach(filter -> key.add(filter.python));
    after.forEach(filter -> key.add(filter.python));
    String numbers =
        "%s %s%snumbers%s in xs"
            .formatted(
                aggregate.phrase,
                mapping.phrase + " ",
                joined(before, " ", filter -> filter.phrase + " "),
                joined(after, "", filter -> " " + with(filter.phrase, constant)));
    List<String> conditions = new ArrayList<>();
    before.forEach(filter -> conditions.add(filter.python));
    after.forEach(filter -> conditions.add(with(filter.python, constant)));
    String loop = mapping.python + " for x in xs";
    if (!conditions.isEmpty()) {
      loop += " if " + String.join(" and ", conditions);
    }
    return new CodeTask(
        String.join(" ", key), numbers, aggregate.python.formatted(loop), "xs", inputs(dice));
  }

  private static String joined(
      List<Filter> filters, String none, java.util.function.Function<Filter, String> text) {
    return filters.isEmpty()
        ? none.strip()
        : filters.stream().map(text).collect(Collectors.joining());
  }

  private static String with(String text, int constant) {
    return text.replace("%d", Integer.toString(constant));
  }

  /** The empty list, all small numbers, and five random lists. */
  private static String inputs(Dice dice) {
    List<List<Integer>> lists = new ArrayList<>();
    lists.add(List.of());
    lists.add(dice.shuffled(IntStream.rangeClosed(-12, 20).boxed().toList()));
    for (int list = 0; list < 5; list++) {
      lists.add(
          IntStream.range(0, dice.between(1, 8)).mapToObj(i -> dice.between(-12, 20)).toList());
    }
    return lists.stream().map(List::toString).collect(Collectors.joining(", "));
  }
}
