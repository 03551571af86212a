package ai.dmt.world;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** Draws the rows of a bundled world. The same world gives the same rows on every machine. */
public abstract sealed class World permits PaperWorld, OfficeWorld {
  /** Seed of the world that `dmt study` uses with {@link Part#TEST}. */
  public static final long SHIPPED_SEED = 1;

  /** Seed that the worlds were tuned with, together with {@link Part#DEVELOPMENT}. */
  public static final long DEVELOPMENT_SEED = 2;

  /** The scale of the shipped world. */
  public static final double TINY = 1.0 / 40;

  /** Rows of each source for held-out loss, at every scale. */
  static final int HELD_OUT_ROWS = 128;

  private final WorldKind kind;
  private final long seed;
  private final Part test;

  World(WorldKind kind, long seed, Part test) {
    if (test != Part.TEST && test != Part.DEVELOPMENT) {
      throw new ConfigException(
          "test problems come from the part test or development, got " + test.text());
    }
    this.kind = kind;
    this.seed = seed;
    this.test = test;
  }

  /**
   * {@return a world}
   *
   * @param kind which one
   * @param seed of all draws
   * @param scale share of the rows that it has at most to train on, in (0, 1]; there are as many
   *     others at every scale
   * @param test the part that test problems come from: test or development
   * @throws ConfigException if scale or part are none of these
   */
  public static World of(WorldKind kind, long seed, double scale, Part test) {
    new Faults("world")
        .require(scale > 0 && scale <= 1, "scale must be in (0, 1], got " + scale)
        .throwIfAny();
    return switch (kind) {
      case PAPER -> new PaperWorld(seed, PaperSize.scaled(scale), test);
      case OFFICE -> new OfficeWorld(seed, scale, test);
    };
  }

  /** {@return which world this is} */
  public WorldKind kind() {
    return kind;
  }

  /** {@return seed of all draws} */
  public long seed() {
    return seed;
  }

  /** {@return the part that test problems come from} */
  public Part test() {
    return test;
  }

  /** Records of each file, by its name. */
  abstract Map<String, Stream<ObjectNode>> files();

  /** Rows of a source and a part, no text twice. */
  final <T> List<T> distinct(
      String source, Part part, int count, Function<Dice, T> draw, Function<T, String> text) {
    Dice dice = new Dice(seed, source + " " + part.text());
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
