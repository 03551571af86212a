package ai.dmt.engine;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Named;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is cut into one slice per rank. Batches always are: every rank trains on its own. */
public enum Sharding {
  /** Weights, gradients and optimizer states (ZeRO-3). */
  FULL,
  /** Gradients and optimizer states; every rank keeps whole weights (ZeRO-2). */
  GRAD_OP,
  /** As {@link #FULL} among the ranks of a node, with a replica on every node. */
  HYBRID,
  /** Nothing: every rank keeps everything. */
  NONE;

  /** {@return the name in settings and recipes, such as "grad_op"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the names of all modes, in the order of the constants} */
  public static List<String> names() {
    return Arrays.stream(values()).map(Sharding::text).toList();
  }

  /**
   * Finds a mode by its name.
   *
   * @param text "full", "grad_op", "hybrid" or "none"
   * @return the mode of this name
   * @throws ConfigException if there is none of this name
   */
  public static Sharding parse(String text) {
    return Named.setting("sharding", values(), Sharding::text, text);
  }
}
