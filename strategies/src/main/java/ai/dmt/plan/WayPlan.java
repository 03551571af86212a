package ai.dmt.plan;

import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.ModelConfig;
import ai.dmt.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * One way to train a model on some ranks, at its best.
 *
 * @param way what is trained
 * @param model its shape
 * @param recipe that trains so
 * @param placement the fastest that fits; if none does, the one that holds least
 * @param keys what the recipe that was planned says to train so, value by dotted key
 * @param tokensPerSecond over all ranks
 * @param hours of all steps
 */
public record WayPlan(
    TrainingWay way,
    ModelConfig model,
    Recipe recipe,
    Placement placement,
    Map<String, String> keys,
    double tokensPerSecond,
    double hours) {
  private static final double HOUR = 3600;

  static WayPlan of(
      TrainingWay way,
      Recipe written,
      ModelConfig model,
      Placement placement,
      double tokensPerStep,
      long steps) {
    Map<String, String> keys = new LinkedHashMap<>(way.keys(written));
    keys.putAll(PlacementText.keys(placement));
    double seconds = placement.step().seconds();
    return new WayPlan(
        way,
        model,
        way.as(written),
        placement,
        keys,
        tokensPerStep / seconds,
        steps * seconds / HOUR);
  }

  /** {@return how many parameters are trained} */
  public long trained() {
    return placement
        .config()
        .adapter()
        .map(adapter -> AdapterShapes.parameters(model, adapter))
        .orElse(model.parameters());
  }

  /** {@return what is said on the command line to train so} */
  public String words() {
    StringJoiner words = new StringJoiner(" ");
    keys.forEach((key, value) -> words.add(key + "=" + value));
    return words.toString();
  }
}
