package ai.dmt.advise;

import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.AmountRecipe;
import ai.dmt.recipe.StageRecipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.report.Share;
import ai.dmt.train.Measure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How much of each source is trained on, and in which of two stages. A source whose tokens are more
 * than it has is gone through again.
 *
 * @param first tokens of each source in the first stage; empty where there is one stage alone
 * @param last tokens of each source in the last stage
 */
public record MixturePlan(Map<String, Double> first, Map<String, Double> last) {
  /**
   * Checks and copies; sources without tokens are left out.
   *
   * @param first tokens of each source in the first stage; empty where there is one stage alone
   * @param last tokens of each source in the last stage
   */
  public MixturePlan {
    first = above0(first);
    last = above0(last);
    new Faults("mixture")
        .require(!last.isEmpty(), "the last stage needs tokens of a source")
        .throwIfAny();
  }

  private static Map<String, Double> above0(Map<String, Double> tokens) {
    Map<String, Double> kept = new LinkedHashMap<>();
    tokens.forEach(
        (source, amount) -> {
          new Faults("mixture").notNegative(source, amount).throwIfAny();
          if (amount > 0) {
            kept.put(source, amount);
          }
        });
    return Collections.unmodifiableMap(kept);
  }

  /** {@return all tokens of both stages} */
  public double tokens() {
    return sum(first) + sum(last);
  }

  /**
   * {@return tokens of a source in both stages}
   *
   * @param source its name
   */
  public double tokens(String source) {
    return first(source) + last(source);
  }

  /**
   * {@return the share of all tokens that a source has}
   *
   * @param source its name
   */
  public double share(String source) {
    return tokens(source) / tokens();
  }

  double first(String source) {
    return first.getOrDefault(source, 0.0);
  }

  double last(String source) {
    return last.getOrDefault(source, 0.0);
  }

  /** {@return whether there is a stage before the last} */
  public boolean hasTwoStages() {
    return !first.isEmpty();
  }

  /**
   * {@return DMT's k: how much of the first stage the last one replays, 0 for none; empty for one
   * stage alone}
   */
  public OptionalDouble replay() {
    if (first.isEmpty()) {
      return OptionalDouble.empty();
    }
    double replayed = first.keySet().stream().mapToDouble(this::last).sum();
    double k = replayed / sum(first);
    double unit = k == 0 ? 0 : 1 / (double) Math.round(1 / k); // what division has lost
    return OptionalDouble.of(Math.abs(unit - k) < 1e-9 ? unit : k);
  }

  /**
   * {@return the same mixture of more or fewer tokens}
   *
   * @param factor above 0
   */
  public MixturePlan scaled(double factor) {
    return new MixturePlan(scaled(first, factor), scaled(last, factor));
  }

  private static Map<String, Double> scaled(Map<String, Double> tokens, double factor) {
    Map<String, Double> scaled = new LinkedHashMap<>();
    tokens.forEach((source, amount) -> scaled.put(source, amount * factor));
    return scaled;
  }

  private static double sum(Map<String, Double> tokens) {
    return tokens.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** {@return the strategy that trains it, each stage once through its tokens} */
  public StrategyRecipe strategy() {
    return strategy(null);
  }

  /** The same. @param learningRate peak in each stage; null for the recipe's */
  StrategyRecipe strategy(@Nullable Double learningRate) {
    List<StageRecipe> stages = new ArrayList<>();
    if (hasTwoStages()) {
      stages.add(stage("first", first, learningRate));
      stages.add(stage("last", last, learningRate));
    } else {
      stages.add(stage("all", last, learningRate));
    }
    return new StrategyRecipe("custom", null, null, List.of(), stages, Map.of());
  }

  private static StageRecipe stage(
      String name, Map<String, Double> tokens, @Nullable Double learningRate) {
    double total = sum(tokens);
    Map<String, AmountRecipe> amounts = new LinkedHashMap<>();
    tokens.forEach(
        (source, amount) ->
            amounts.put(source, new AmountRecipe(null, null, rounded(amount / total))));
    return StageRecipe.ofTotal(name, amounts, Measure.TOKENS, Math.max(1, Math.round(total)))
        .withLearningRate(learningRate);
  }

  /** So that a recipe reads well; shares of a mixture are no more exact than its samples. */
  private static double rounded(double share) {
    return Double.parseDouble(Units.format("%.6g", share));
  }

  /** {@return the strategy of the paper that it is like: multi-task, mixed-sequential or dmt} */
  public String kind() {
    OptionalDouble k = replay();
    return k.isEmpty() ? "multi-task" : k.getAsDouble() == 0 ? "mixed-sequential" : "dmt";
  }

  /** {@return such as "dmt k=1/16: code 25 %, math 25 %, general 50 %"} */
  public String text() {
    List<String> shares = new ArrayList<>();
    Map<String, Double> all = new LinkedHashMap<>(first);
    last.forEach((source, amount) -> all.merge(source, amount, Double::sum));
    all.forEach(
        (source, amount) ->
            shares.add(Units.format("%s %.0f %%", source, 100 * amount / tokens())));
    OptionalDouble k = replay();
    String order =
        k.isPresent() && k.getAsDouble() > 0
            ? kind() + " k=" + Share.text(k.getAsDouble())
            : all.size() == 1 ? "alone" : kind();
    return order + ": " + String.join(", ", shares);
  }
}
