package ai.dmt.study;

import ai.dmt.world.Part;
import ai.dmt.world.World;
import ai.dmt.world.WorldSize;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The bundled world as a study's data, see docs/world.md.
 *
 * @param seed of all draws
 * @param scale training rows as a share of the paper's, in (0, 1]
 * @param testPart where test problems come from: test, or development for tuning
 */
public record WorldRecipe(long seed, double scale, Part testPart) {
  /**
   * Checks all.
   *
   * @param seed of all draws
   * @param scale training rows as a share of the paper's, in (0, 1]
   * @param testPart where test problems come from: test, or development for tuning
   */
  public WorldRecipe {
    new World(seed, WorldSize.scaled(scale), testPart);
  }

  /** {@return the world that studies report on, by component} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("seed", World.SHIPPED_SEED);
    values.put("scale", WorldSize.TINY);
    values.put("testPart", Part.TEST);
    return values;
  }

  /** The world. */
  World world() {
    return new World(seed, WorldSize.scaled(scale), testPart);
  }
}
