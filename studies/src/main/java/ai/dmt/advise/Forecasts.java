package ai.dmt.advise;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * What some runs say of all candidates: the laws that passed their back-tests, and intervals as
 * wide as those have shown to be needed.
 */
public final class Forecasts {
  private final Map<String, LossModel> models = new LinkedHashMap<>();
  private final Map<String, Backtest> tests = new LinkedHashMap<>();
  private final Map<String, ScoreLaw> scores = new LinkedHashMap<>();
  private final Map<MixturePlan, MeasuredRun> measured = new LinkedHashMap<>();

  private Forecasts() {}

  /**
   * Fits a law to the losses of each source, and of what else is measured.
   *
   * @param space of the candidates
   * @param base the base model's losses, of all sources and of what else is measured
   * @param runs at least two
   * @return the forecasts, one law for each loss
   */
  public static Forecasts of(MixtureSpace space, Map<String, Double> base, List<MeasuredRun> runs) {
    Forecasts made = new Forecasts();
    Set<String> abilities = new LinkedHashSet<>(space.sources().keySet());
    abilities.addAll(base.keySet());
    for (String ability : abilities) {
      double before = Present.in(base, ability);
      LossLaw law =
          space.sources().containsKey(ability)
              ? new TransferLaw(space, ability, before)
              : new ForgettingLaw(space, ability, before);
      LossModel model = LossModel.of(law, runs);
      made.models.put(ability, model);
      made.tests.put(ability, Backtest.of(model, runs));
    }
    made.scores.putAll(ScoreLaw.of(runs));
    runs.forEach(run -> made.measured.put(run.plan(), run));
    return made;
  }

  /** {@return the back-test of each ability's law} */
  public Map<String, Backtest> tests() {
    return Collections.unmodifiableMap(tests);
  }

  /** {@return the law of each score that runs have, by title; none where they were not scored} */
  public Map<String, ScoreLaw> scores() {
    return Collections.unmodifiableMap(scores);
  }

  /**
   * {@return the score that a mixture is predicted to reach; what was measured, without an
   * interval, where it was run}
   *
   * @param title one of {@link #scores()}
   * @param plan the mixture
   */
  public ScoreLaw.Forecast score(String title, MixturePlan plan) {
    ScoreLaw law = Present.in(scores, title);
    MeasuredRun run = measured.get(plan);
    return Optional.ofNullable(run)
        .flatMap(own -> own.score(title))
        .map(score -> new ScoreLaw.Forecast(score.value(), score.value(), score.value()))
        .orElseGet(() -> law.forecast(loss(law.source(), plan)));
  }

  /** {@return the sources, and after them what else is measured} */
  public List<String> abilities() {
    return List.copyOf(models.keySet());
  }

  /**
   * {@return whether a law holds for every ability that counts: what is chosen else is not to be
   * trusted}
   *
   * @param objective says what counts
   */
  public boolean hold(Objective objective) {
    return tests.entrySet().stream()
        .filter(test -> objective.counts(test.getKey()))
        .allMatch(test -> test.getValue().holds());
  }

  /**
   * {@return whether the loss that a mixture ends with is known: it was run, or the law holds}
   *
   * @param ability whose loss it is
   * @param plan the mixture
   */
  public boolean knows(String ability, MixturePlan plan) {
    return isMeasured(plan) || Present.in(tests, ability).holds();
  }

  /**
   * {@return what a source's tokens count for, in those of the ability's own; below 0 where they
   * interfere}
   *
   * @param ability a source, whose loss it is
   * @param source that is trained on
   */
  public double transfer(String ability, String source) {
    LossModel model = Present.in(models, ability);
    if (!(model.law() instanceof TransferLaw law)) {
      throw new IllegalArgumentException(ability + " is no source, so none transfers to it");
    }
    return law.transfer(model.parameters(), source);
  }

  /**
   * {@return the base model's held-out loss}
   *
   * @param ability whose loss it is
   */
  public double base(String ability) {
    return Present.in(models, ability).law().base();
  }

  /** {@return whether the mixture was run} @param plan of any size */
  boolean isMeasured(MixturePlan plan) {
    return measured.containsKey(plan);
  }

  /**
   * {@return the loss that a mixture is predicted to end with; what was measured, without an
   * interval, where it was run}
   *
   * @param ability whose loss it is
   * @param plan the mixture
   */
  public LossForecast loss(String ability, MixturePlan plan) {
    MeasuredRun run = measured.get(plan);
    return run == null
        ? predicted(ability, plan)
        : LossForecast.ofLogarithms(run.logLoss(ability), 0);
  }

  private LossForecast predicted(String ability, MixturePlan plan) {
    LossModel.Forecast forecast = Present.in(models, ability).forecast(plan);
    return LossForecast.ofLogarithms(
        forecast.mean(), forecast.deviation() * Present.in(tests, ability).deviations());
  }

  /** Logarithms of the losses of all abilities, as estimated. */
  private Map<String, Double> logLosses(MixturePlan plan) {
    Map<String, Double> losses = new LinkedHashMap<>();
    models
        .keySet()
        .forEach(ability -> losses.put(ability, Math.log(loss(ability, plan).estimate())));
    return losses;
  }

  /**
   * {@return the value of the objective, a mean of logarithms of losses, and its interval}
   *
   * @param objective of the user
   * @param plan the mixture
   */
  public Value value(Objective objective, MixturePlan plan) {
    double variance = 0;
    for (String ability : models.keySet()) {
      LossForecast loss = loss(ability, plan);
      double half = Math.log(loss.high() / loss.low()) / 2 * objective.slope(ability);
      variance += half * half; // laws of different abilities are off by themselves
    }
    return new Value(objective.of(logLosses(plan)), Math.sqrt(variance));
  }

  /**
   * A value of the objective.
   *
   * @param estimate mean of logarithms; the lower, the better
   * @param half half the width of its interval; 0 where it was measured
   */
  public record Value(double estimate, double half) {}

  /** The lowest loss that any candidate is estimated to have; of what none can teach the base's. */
  private double lowest(String ability, List<MixturePlan> candidates) {
    LossLaw law = Present.in(models, ability).law();
    if (law instanceof ForgettingLaw) {
      return law.base();
    }
    return candidates.stream()
        .mapToDouble(each -> loss(ability, each).estimate())
        .min()
        .orElseThrow();
  }

  /**
   * {@return the candidates that keep what the user wants kept, best first; where none does, those
   * that come nearest}
   *
   * @param objective of the user
   * @param candidates to choose from
   */
  public List<MixturePlan> ranked(Objective objective, List<MixturePlan> candidates) {
    return ranked(objective, candidates, plan -> value(objective, plan).estimate());
  }

  /** By what the objective may be where things go well: what to run next to learn most. */
  List<MixturePlan> promising(Objective objective, List<MixturePlan> candidates) {
    return ranked(
        objective,
        candidates,
        plan -> {
          Value value = value(objective, plan);
          return value.estimate() - value.half();
        });
  }

  private List<MixturePlan> ranked(
      Objective objective, List<MixturePlan> candidates, ToDoubleFunction<MixturePlan> worth) {
    Map<MixturePlan, Double> lost = lost(objective, candidates);
    Map<MixturePlan, Double> values = new LinkedHashMap<>();
    candidates.forEach(plan -> values.put(plan, worth.applyAsDouble(plan)));
    List<MixturePlan> sorted = new ArrayList<>(candidates);
    sorted.sort(
        Comparator.<MixturePlan>comparingDouble(lost::get).thenComparingDouble(values::get));
    return sorted;
  }

  /**
   * {@return by how much each candidate falls short of what is to be kept, 0 for one that keeps it}
   *
   * @param objective of the user
   * @param candidates that are compared
   */
  Map<MixturePlan, Double> lost(Objective objective, List<MixturePlan> candidates) {
    Map<MixturePlan, Double> lost = new LinkedHashMap<>();
    candidates.forEach(plan -> lost.put(plan, 0.0));
    objective
        .keep()
        .forEach(
            (ability, least) -> {
              double lowest = lowest(ability, candidates);
              for (MixturePlan plan : candidates) {
                double kept = lowest / loss(ability, plan).estimate();
                lost.merge(plan, Math.max(0, least - kept), Math::max);
              }
            });
    return lost;
  }

  /** Whether a run keeps all that is to be kept. @param candidates that it is compared with */
  boolean keeps(Objective objective, MeasuredRun run, List<MixturePlan> candidates) {
    return objective.keep().entrySet().stream()
        .allMatch(
            kept -> lowest(kept.getKey(), candidates) >= kept.getValue() * run.loss(kept.getKey()));
  }

  /**
   * {@return candidates that no other one is estimated to be better than in one ability and as good
   * in all others, in their order}
   *
   * @param candidates that are compared
   */
  public List<MixturePlan> front(List<MixturePlan> candidates) {
    Map<MixturePlan, Map<String, Double>> losses = new LinkedHashMap<>();
    candidates.forEach(plan -> losses.put(plan, logLosses(plan)));
    return candidates.stream()
        .filter(
            plan ->
                losses.values().stream()
                    .noneMatch(other -> dominates(other, Present.in(losses, plan))))
        .toList();
  }

  private static boolean dominates(Map<String, Double> one, Map<String, Double> other) {
    boolean better = false;
    for (Map.Entry<String, Double> loss : one.entrySet()) {
      double theirs = Present.in(other, loss.getKey());
      if (loss.getValue() > theirs) {
        return false;
      }
      better |= loss.getValue() < theirs;
    }
    return better;
  }
}
