package ai.dmt.engine;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Named;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** When gradients are summed over ranks and cut into slices. */
public enum GradientReduction {
  /** They take memory divided by ranks, and travel once per micro-batch. */
  MICRO_BATCH,
  /** Every rank adds up whole gradients, which travel once per step. */
  STEP;

  /** {@return the name in settings and recipes, such as "micro_batch"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the names of all values, in the order of the constants} */
  public static List<String> names() {
    return Arrays.stream(values()).map(GradientReduction::text).toList();
  }

  /**
   * Finds one by its name.
   *
   * @param text "micro_batch" or "step"
   * @return the value of this name
   * @throws ConfigException if there is none of this name
   */
  public static GradientReduction parse(String text) {
    return Named.setting("gradient_reduction", values(), GradientReduction::text, text);
  }
}
