package ai.dmt.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Draws the rows of a world. The same world gives the same rows on every machine.
 *
 * @param seed of all draws
 * @param size how much there is of each kind
 * @param test the part that test problems come from
 */
public record World(long seed, WorldSize size, Part test) {
  /** Seed of the world that `dmt study` uses with {@link Part#TEST}. */
  public static final long SHIPPED_SEED = 1;

  /** Seed that the world was tuned with, together with {@link Part#DEVELOPMENT}. */
  public static final long DEVELOPMENT_SEED = 2;

  /** Seed of the pretraining text. */
  static final long PRETRAINING_SEED = 3;

  /**
   * Checks the part.
   *
   * @param seed of all draws
   * @param size how much there is of each kind
   * @param test the part that test problems come from
   */
  public World {
    if (test != Part.TEST && test != Part.DEVELOPMENT) {
      throw new ai.dmt.config.ConfigException(
          "test problems come from the part test or development, got " + test.text());
    }
  }

  List<MathProblem> math(Part part, int count) {
    return distinct("math", part, count, d -> MathProblem.draw(d, part), MathProblem::question);
  }

  List<CodeTask> code(Part part, int count) {
    return distinct("code", part, count, d -> CodeTask.draw(d, part), CodeTask::phrase);
  }

  List<ChatRow> general(Part part, int count) {
    return distinct(
        "general", part, count, d -> ChatRow.draw(d, part), row -> row.texts().toString());
  }

  List<Exercise> questions(int count) {
    return distinct("questions", test, count, d -> Exercise.draw(d, test), Exercise::key);
  }

  /** Documents for the base model; the same for all worlds. */
  static Stream<String> pretraining(int documents) {
    Dice dice = new Dice(PRETRAINING_SEED, "pretraining");
    return IntStream.range(0, documents).mapToObj(i -> PretrainingText.draw(dice));
  }

  private <T> List<T> distinct(
      String ability, Part part, int count, Function<Dice, T> draw, Function<T, String> text) {
    Dice dice = new Dice(seed, ability + " " + part.text());
    Set<String> seen = new TreeSet<>();
    List<T> rows = new ArrayList<>();
    while (rows.size() < count) {
      T row = draw.apply(dice);
      if (seen.add(text.apply(row))) {
        rows.add(row);
      }
    }
    return rows;
  }
}
