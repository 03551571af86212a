package ai.dmt.advise;

import ai.dmt.recipe.Recipe;
import ai.dmt.train.Corpus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;

/** Mixtures whose losses follow a law that the test knows, with noise. */
final class PlantedMixtures implements Mixtures {
  static final Map<String, Double> BASE = Map.of("code", 6.4, "math", 7.2, "general", 8.1);

  static final double BEST_RATE = 2.6;

  final List<MixturePlan> trained = new ArrayList<>();
  final List<Double> rates = new ArrayList<>(); // factors of the recipe's, as they were tried
  private final ToDoubleBiFunction<String, MixturePlan> logLoss;
  private final double noise;
  private final long seed;

  PlantedMixtures(ToDoubleBiFunction<String, MixturePlan> logLoss, double noise, long seed) {
    this.logLoss = logLoss;
    this.noise = noise;
    this.seed = seed;
  }

  static MixtureSpace threeSources() {
    Map<String, Corpus.Role> roles = new LinkedHashMap<>();
    roles.put("code", Corpus.Role.SPECIALIZED);
    roles.put("math", Corpus.Role.SPECIALIZED);
    roles.put("general", Corpus.Role.GENERAL);
    return MixtureSpace.of(
        roles,
        Map.of("code", 8e3, "math", 50e3, "general", 22e3),
        Map.of("code", 60.0, "math", 90.0, "general", 50.0),
        80e3);
  }

  /** A law of the form that is fitted, with other numbers for each seed. */
  static PlantedMixtures ofLaw(double noise, long seed) {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    Random drawn = new Random(seed);
    MixtureSpace space = threeSources();
    BASE.keySet().stream()
        .sorted()
        .forEach(
            ability -> {
              TransferLaw law = new TransferLaw(space, ability, BASE.get(ability));
              double[] values = law.prior();
              for (int p = 0; p < values.length; p++) {
                values[p] += law.spread()[p] * drawn.nextGaussian() / 2;
              }
              parameters.put(ability, values);
            });
    return new PlantedMixtures(
        (ability, plan) ->
            new TransferLaw(space, ability, BASE.get(ability))
                .logLoss(parameters.get(ability), plan)
                .getValue(),
        noise,
        seed + 1);
  }

  double logLoss(String ability, MixturePlan plan) {
    return logLoss.applyAsDouble(ability, plan);
  }

  @Override
  public Set<String> sources() {
    return threeSources().sources().keySet();
  }

  @Override
  public Set<String> abilities() {
    return sources();
  }

  @Override
  public MixtureSpace space(double tokens) {
    return threeSources();
  }

  @Override
  public SourceFacts facts() {
    return SourceFacts.NONE;
  }

  @Override
  public List<MeasuredRun> train(Collection<MixturePlan> plans) {
    List<MeasuredRun> runs = new ArrayList<>();
    for (MixturePlan plan : plans) {
      Map<String, Double> losses = new LinkedHashMap<>();
      Random own = new Random(seed ^ plan.hashCode()); // the same each time
      for (String ability : BASE.keySet()) {
        losses.put(ability, Math.exp(logLoss(ability, plan) + noise * own.nextGaussian()));
      }
      if (!trained.contains(plan)) {
        trained.add(plan);
      }
      runs.add(new MeasuredRun(plan, losses, List.of()));
    }
    return runs;
  }

  /** The best rate is {@link #BEST_RATE} times the recipe's. */
  @Override
  public MeasuredRun train(MixturePlan plan, double factor) {
    Map<String, Double> losses = new LinkedHashMap<>();
    train(List.of(plan))
        .get(0)
        .heldOut()
        .forEach((ability, loss) -> losses.put(ability, loss * Math.exp(off(factor) - off(1))));
    rates.add(factor);
    return new MeasuredRun(plan, losses, List.of());
  }

  private static double off(double factor) {
    return Math.pow(Math.log(factor / BEST_RATE), 2) / 10;
  }

  @Override
  public Map<String, List<MeasuredRun>> train(Map<String, MixturePlan> plans, int seeds) {
    Map<String, List<MeasuredRun>> runs = new LinkedHashMap<>();
    plans.forEach(
        (name, plan) -> {
          List<MeasuredRun> own = new ArrayList<>();
          for (int seedOfRun = 0; seedOfRun < seeds; seedOfRun++) {
            own.addAll(
                new PlantedMixtures(logLoss, noise, seed + 1000L * seedOfRun).train(List.of(plan)));
          }
          runs.put(name, own);
        });
    return runs;
  }

  @Override
  public Map<String, Double> base() {
    return BASE;
  }

  @Override
  public Recipe recipe() {
    throw new UnsupportedOperationException("nothing is written");
  }

  @Override
  public double tokensPerSecond() {
    return 0;
  }
}
