package ai.dmt.strategies;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.train.Corpus;
import ai.dmt.train.SampleTable;
import ai.dmt.train.Schedule;
import ai.dmt.train.ScheduleBatches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;

/** Finds the strategy that a recipe names. */
public final class Strategies {
  private static final List<String> BUILT_IN =
      List.of("individual", "multi-task", "sequential", "mixed-sequential", "dmt", "custom");

  private Strategies() {}

  /** {@return names of all strategies, those on the class path included} */
  public static List<String> names() {
    List<String> names = new ArrayList<>(BUILT_IN);
    ServiceLoader.load(MixingStrategyProvider.class).forEach(each -> names.add(each.name()));
    return names;
  }

  /**
   * {@return the strategy of a recipe}
   *
   * @param recipe whose strategy section is read
   * @throws ConfigException if there is none of that name or more than one, or its section says too
   *     much or too little
   */
  public static MixingStrategy of(Recipe recipe) {
    StrategyRecipe section = recipe.strategy();
    checkUnread(section);
    if (BUILT_IN.contains(section.name())) {
      checkBuiltIn(section.name());
    }
    return switch (section.name()) {
      case "individual" -> new Individual(Objects.requireNonNullElse(section.source(), ""));
      case "multi-task" -> new MultiTask();
      case "sequential" -> new Sequential(section.order());
      case "mixed-sequential" -> new MixedSequential();
      case "dmt" -> new DualStageMixed(k(section));
      case "custom" -> new CustomStages(section.stages(), recipe.training().learningRateConfig());
      default -> provided(recipe);
    };
  }

  /**
   * {@return the schedule of a recipe over sources of these sizes}
   *
   * @param recipe whose strategy, training and seeds are read
   * @param corpus the recipe's sources
   * @throws ConfigException if there is no such strategy, or it cannot plan these sources
   */
  public static Schedule plan(Recipe recipe, Corpus corpus) {
    return of(recipe)
        .plan(
            corpus,
            new PlanSettings(
                recipe.stageSettings(), recipe.training().seed(), recipe.training().dataSeed()));
  }

  /**
   * {@return which samples form which step of which stage}
   *
   * @param recipe whose strategy, training and seeds are read
   * @param tables of all sources of the recipe, in its order; counted or measured
   * @throws ConfigException if there is no such strategy, or it cannot plan these sources
   */
  public static ScheduleBatches batches(Recipe recipe, List<SampleTable> tables) {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    tables.forEach(table -> sizes.put(table.name(), table.size()));
    return new ScheduleBatches(
        plan(recipe, recipe.corpus(sizes)), tables, recipe.training().globalTrainBatchSize());
  }

  private static double k(StrategyRecipe section) {
    Double k = section.k();
    if (k == null) {
      throw new ConfigException("strategy dmt needs k, such as k: 1/256");
    }
    return k;
  }

  /** A key that the strategy does not read is a mistake, not a remark. */
  private static void checkUnread(StrategyRecipe section) {
    String name = section.name();
    boolean own = !BUILT_IN.contains(name);
    refuse(section.k() != null && !name.equals("dmt") && !own, name, "k");
    refuse(section.source() != null && !name.equals("individual") && !own, name, "source");
    refuse(!section.order().isEmpty() && !name.equals("sequential") && !own, name, "order");
    refuse(!section.stages().isEmpty() && !name.equals("custom") && !own, name, "stages");
    refuse(!section.options().isEmpty() && !own, name, "options");
  }

  private static void refuse(boolean given, String strategy, String key) {
    if (given) {
      throw new ConfigException(
          "strategy %s does not read strategy.%s; leave it out".formatted(strategy, key));
    }
  }

  private static MixingStrategy provided(Recipe recipe) {
    String name = recipe.strategy().name();
    List<MixingStrategyProvider> found = providers(name);
    if (found.isEmpty()) {
      throw new ConfigException(
          "there is no strategy \"%s\"; did you mean %s? There are %s"
              .formatted(name, NearestName.of(name, names()).orElse("dmt"), names()));
    }
    if (found.size() > 1) {
      throw new ConfigException(
          "strategy \"%s\" has several providers: %s".formatted(name, classes(found)));
    }
    return found.get(0).create(recipe);
  }

  /** A provider with a built-in name would never be asked, and nobody would know. */
  private static void checkBuiltIn(String name) {
    List<MixingStrategyProvider> found = providers(name);
    if (!found.isEmpty()) {
      throw new ConfigException(
          "strategy \"%s\" is built in, and %s has the same name; give it another"
              .formatted(name, classes(found)));
    }
  }

  private static List<MixingStrategyProvider> providers(String name) {
    return ServiceLoader.load(MixingStrategyProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.name().equals(name))
        .toList();
  }

  private static List<String> classes(List<MixingStrategyProvider> providers) {
    return providers.stream().map(provider -> provider.getClass().getName()).toList();
  }
}
