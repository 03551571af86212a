package ai.dmt.engine;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Named;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How gradients get to the ranks that own them, and who adds them up. */
public enum ReduceCollective {
  /** A rank receives the parts of all ranks, and adds them up in float32, in the order of ranks. */
  ALL_TO_ALL,
  /**
   * The backend, such as NCCL, adds them up on their way: in the type in which they travel, so that
   * bfloat16 is rounded at every rank that it passes, and in an order of its own.
   */
  REDUCE_SCATTER;

  /** {@return the name in settings and recipes, such as "all_to_all"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the names of all values, in the order of the constants} */
  public static List<String> names() {
    return Arrays.stream(values()).map(ReduceCollective::text).toList();
  }

  /**
   * Finds one by its name.
   *
   * @param text "all_to_all" or "reduce_scatter"
   * @return the value of this name
   * @throws ConfigException if there is none of this name
   */
  public static ReduceCollective parse(String text) {
    return Named.setting("reduce_collective", values(), ReduceCollective::text, text);
  }
}
