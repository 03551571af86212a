package ai.dmt.study;

import ai.dmt.world.Part;
import ai.dmt.world.World;
import ai.dmt.world.WorldKind;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bundled world as a study's data, see docs/world.md.
 *
 * @param kind which world: paper or office
 * @param seed of all draws
 * @param scale training rows as a share of all that the world has, in (0, 1]
 * @param testPart where test problems come from: test, or development for tuning
 */
public record WorldRecipe(WorldKind kind, long seed, double scale, Part testPart) {
  /**
   * Checks all.
   *
   * @param kind which world: paper or office
   * @param seed of all draws
   * @param scale training rows as a share of all that the world has, in (0, 1]
   * @param testPart where test problems come from: test, or development for tuning
   */
  public WorldRecipe {
    World.of(kind, seed, scale, testPart);
  }

  /** {@return the world that studies report on, by component} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("kind", WorldKind.PAPER);
    values.put("seed", World.SHIPPED_SEED);
    values.put("scale", World.TINY);
    values.put("testPart", Part.TEST);
    return values;
  }

  /** The world. */
  World world() {
    return World.of(kind, seed, scale, testPart);
  }
}
