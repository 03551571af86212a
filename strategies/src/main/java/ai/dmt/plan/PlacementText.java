package ai.dmt.plan;

import ai.dmt.engine.EngineConfig;
import ai.dmt.internal.text.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Placements as the keys of recipes that make them, and as rows of a table. */
final class PlacementText {
  static final String MICRO_BATCH = "training.max_tokens_per_micro_batch";

  static final List<String> HEAD =
      List.of(
          "sharding",
          "gradients",
          "recompute",
          "moments",
          "micro-batch",
          "of a step",
          "memory",
          "step s",
          "");

  /** Columns of words. */
  static final int WORDS = 4;

  private PlacementText() {}

  /** What a recipe says to run so. */
  static Map<String, String> keys(Placement placement) {
    EngineConfig config = placement.config();
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("engine.recompute", config.recompute().text());
    if (config.ranks().worldSize() > 1) {
      keys.put("engine.sharding", config.sharding().mode().text());
      keys.put("engine.gradient_reduction", config.sharding().gradientReduction().text());
    }
    if (placement.changesNumbers()) {
      keys.put("engine.optimizer_states", placement.states().text());
      keys.put("engine.gradient_dtype", config.gradientDType().text());
    }
    keys.put(MICRO_BATCH, Integer.toString(placement.maxTokens()));
    return keys;
  }

  /** The same in a sentence. */
  static String settings(Placement placement) {
    List<String> words = new ArrayList<>();
    keys(placement)
        .forEach((key, value) -> words.add(key.substring(key.indexOf('.') + 1) + "=" + value));
    return String.join(" ", words);
  }

  static List<String> row(Placement placement, boolean chosen) {
    EngineConfig config = placement.config();
    boolean alone = config.ranks().worldSize() == 1;
    return List.of(
        alone ? "-" : config.sharding().mode().text(),
        alone ? "-" : config.sharding().gradientReduction().text(),
        config.recompute().text(),
        placement.states().text() + (placement.changesNumbers() ? ", rounds" : ""),
        Units.count(placement.maxTokens()),
        Integer.toString(placement.microBatches()),
        Units.bytes(placement.memory().total()),
        seconds(placement.step().seconds()),
        chosen ? "chosen" : placement.fits() ? "" : "does not fit");
  }

  /** Three digits. */
  static String seconds(double seconds) {
    return Units.format(seconds < 0.1 ? "%.4f" : seconds < 10 ? "%.3f" : "%.1f", seconds);
  }
}
