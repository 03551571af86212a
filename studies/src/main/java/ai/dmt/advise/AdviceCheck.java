package ai.dmt.advise;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How good advice was: all candidates are trained, too, and what was advised is compared with the
 * best of them, beside what others would have chosen.
 */
public final class AdviceCheck {
  private AdviceCheck() {}

  /**
   * What was found.
   *
   * @param regrets by who chose: how much higher the objective is than the best candidate's, a
   *     difference of logarithms of losses
   * @param coverage share of candidates that were not run whose loss lay in its interval, by
   *     ability
   * @param scoreCoverage the same of scores that are predicted, by title
   * @param cost of advice, as a share of training all candidates
   * @param candidates how many there are
   * @param best the candidate with the lowest measured objective
   * @param all what the runs of all candidates say
   */
  public record Result(
      Map<String, Double> regrets,
      Map<String, Double> coverage,
      Map<String, Double> scoreCoverage,
      double cost,
      int candidates,
      MixturePlan best,
      Forecasts all) {}

  static Result of(Advice advice, Mixtures mixtures, double budget, long seed)
      throws IOException, InterruptedException {
    MixtureSpace space = advice.space();
    List<MixturePlan> candidates = space.candidates();
    RegMix regMix = new RegMix(space, budget, seed);
    Set<MixturePlan> all = new LinkedHashSet<>(candidates);
    all.addAll(regMix.plans());
    Map<MixturePlan, MeasuredRun> runs = new LinkedHashMap<>();
    mixtures.train(all).forEach(run -> runs.put(run.plan(), run));
    Map<MixturePlan, Double> values = new LinkedHashMap<>();
    for (MixturePlan candidate : candidates) {
      values.put(candidate, advice.objective().of(Present.in(runs, candidate).logLosses()));
    }
    MixturePlan best =
        values.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
    double least = Present.in(values, best);
    Map<String, Double> regrets = new LinkedHashMap<>();
    regrets.put("advice", Present.in(values, advice.recommended()) - least);
    regrets.put("proportional", Present.in(values, space.proportional()) - least);
    List<MixturePlan> baselines = space.baselines();
    if (baselines.size() > 1) {
      regrets.put("dmt k=1/256", Present.in(values, baselines.get(1)) - least);
    }
    MixturePlan regressed =
        regMix.choice(
            advice.objective(),
            regMix.plans().stream().map(plan -> Present.in(runs, plan)).toList(),
            candidates);
    regrets.put("RegMix with products", Present.in(values, regressed) - least);
    regrets.put(
        "random",
        values.values().stream().mapToDouble(value -> value - least).average().orElseThrow());
    Map<String, Double> coverage = new LinkedHashMap<>();
    for (String ability : advice.forecasts().abilities()) {
      coverage.put(
          ability,
          held(
              advice,
              plan -> {
                LossForecast forecast = advice.forecasts().loss(ability, plan);
                double loss = Present.in(Present.in(runs, plan).heldOut(), ability);
                return loss >= forecast.low() && loss <= forecast.high();
              }));
    }
    Map<String, Double> scoreCoverage = new LinkedHashMap<>();
    for (Map.Entry<String, ScoreLaw> law : advice.forecasts().scores().entrySet()) {
      if (law.getValue().holds()) {
        String title = law.getKey();
        scoreCoverage.put(
            title,
            held(
                advice,
                plan -> {
                  ScoreLaw.Forecast forecast = advice.forecasts().score(title, plan);
                  double value = Present.in(runs, plan).score(title).orElseThrow().value();
                  return value >= forecast.low() && value <= forecast.high();
                }));
      }
    }
    return new Result(
        regrets,
        coverage,
        scoreCoverage,
        advice.cost() / candidates.size(),
        candidates.size(),
        best,
        Forecasts.of(space, mixtures.base(), candidates.stream().map(runs::get).toList()));
  }

  /** Share of the candidates that advice had not run whose interval holds what was measured. */
  private static double held(Advice advice, Predicate<MixturePlan> holds) {
    List<MixturePlan> open =
        advice.space().candidates().stream()
            .filter(plan -> !advice.forecasts().isMeasured(plan))
            .toList();
    return open.isEmpty() ? Double.NaN : (double) open.stream().filter(holds).count() / open.size();
  }
}
