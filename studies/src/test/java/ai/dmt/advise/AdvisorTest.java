package ai.dmt.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Advice on mixtures whose losses are known, so that what it says can be compared with the truth.
 */
class AdvisorTest {
  private static Advisor advisor(Mixtures mixtures, String budget, Objective objective) {
    return new Advisor(
        mixtures, new AdviceSettings(Budget.parse(budget), 0, objective), 7, line -> {});
  }

  @Test
  void ofAPlantedLawTheBestIsFoundAndIntervalsHoldTheTruth() throws Exception {
    List<Double> regrets = new ArrayList<>();
    List<Double> covered = new ArrayList<>();
    List<Double> ofOthers = new ArrayList<>();
    List<Double> widths = new ArrayList<>();
    for (int world = 0; world < 20; world++) {
      PlantedMixtures mixtures = PlantedMixtures.ofLaw(0.03, world);
      Advisor advisor = advisor(mixtures, "20%", null);
      Advice advice = advisor.advise();
      assertTrue(advice.cost() <= 0.2 * 47 + 1e-9, () -> "cost " + advice.cost());
      AdviceCheck.Result result = advisor.check(advice);
      regrets.add(result.regrets().get("advice"));
      ofOthers.add(result.regrets().get("proportional"));
      covered.addAll(result.coverage().values());
      for (String ability : advice.space().sources().keySet()) {
        widths.add(openness(advice, ability, mixtures));
      }
    }
    double regret = mean(regrets);
    assertTrue(regret < 0.02, () -> "regret " + regret + " of " + regrets);
    assertTrue(regret < mean(ofOthers) / 5, () -> "all rows as they are: " + ofOthers);
    double coverage = mean(covered);
    assertTrue(coverage > 0.85, () -> coverage + " of " + covered);
    assertTrue(mean(widths) < 0.5, () -> "intervals that say nothing hold all: " + widths);
  }

  /** Half an interval beside the deviation of candidates: how much of it is left open. */
  private static double openness(Advice advice, String ability, PlantedMixtures mixtures) {
    List<Double> halves = new ArrayList<>();
    List<Double> squares = new ArrayList<>();
    List<MixturePlan> plans = advice.space().candidates();
    double middle = mean(plans.stream().map(plan -> mixtures.logLoss(ability, plan)).toList());
    for (MixturePlan plan : plans) {
      LossForecast loss = advice.forecasts().loss(ability, plan);
      halves.add(Math.log(loss.high() / loss.low()) / 2);
      squares.add(Math.pow(mixtures.logLoss(ability, plan) - middle, 2));
    }
    return mean(halves) / Math.sqrt(mean(squares));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** Losses that have nothing to do with the mixture: no law may be used. */
  @Test
  void whereNoLawHoldsOnlyWhatWasMeasuredIsAdvised() throws Exception {
    PlantedMixtures mixtures =
        new PlantedMixtures(
            (ability, plan) ->
                new Random(31L * plan.hashCode() + ability.hashCode()).nextGaussian(),
            0,
            1);
    Advice advice = advisor(mixtures, "20%", null).advise();
    assertFalse(advice.forecasts().hold(advice.objective()));
    assertTrue(advice.forecasts().isMeasured(advice.recommended()));
    assertEquals(List.of(), advice.undecided());
    AdviceReport report = new AdviceReport(advice, null, null);
    assertTrue(
        report.sentences().stream().anyMatch(line -> line.startsWith("the laws do not predict")),
        report.sentences()::toString);
    report.page("a test").html(); // can be written
  }

  @Test
  void aConstraintThatBindsIsNamedAndKept() throws Exception {
    PlantedMixtures mixtures = PlantedMixtures.ofLaw(0.01, 3);
    Map<String, Double> math = new LinkedHashMap<>(Map.of("math", 1.0));
    Advice free = advisor(mixtures, "30%", new Objective(math, Map.of())).advise();
    Advice kept = advisor(mixtures, "30%", new Objective(math, Map.of("general", 0.9))).advise();
    assertEquals(List.of("general"), kept.binding());
    assertTrue(
        kept.recommended().tokens("general") > free.recommended().tokens("general"),
        () -> free.recommended().text() + ", kept " + kept.recommended().text());
    double lowest =
        kept.space().candidates().stream()
            .mapToDouble(plan -> Math.exp(mixtures.logLoss("general", plan)))
            .min()
            .orElseThrow();
    double loss = Math.exp(mixtures.logLoss("general", kept.recommended()));
    assertTrue(lowest / loss > 0.85, () -> "kept " + lowest / loss);
  }

  @Test
  void whatNoMixtureKeepsIsSaid() throws Exception {
    PlantedMixtures mixtures = PlantedMixtures.ofLaw(0.01, 4);
    Objective all =
        new Objective(Map.of("math", 1.0), Map.of("math", 1.0, "code", 1.0, "general", 1.0));
    Advice advice = advisor(mixtures, "20%", all).advise();
    assertTrue(
        new AdviceReport(advice, null, null)
            .sentences().stream()
                .anyMatch(line -> line.startsWith("no mixture is estimated to keep all")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2x", "3x", "5%", "50%"})
  void everyBudgetIsKept(String budget) throws Exception {
    PlantedMixtures mixtures = PlantedMixtures.ofLaw(0.03, 5);
    Advice advice = advisor(mixtures, budget, null).advise();
    double most = Budget.parse(budget).runs(47, 80e3, 0, 0);
    assertTrue(advice.cost() <= most + 1e-9, () -> advice.cost() + " of " + most);
    assertTrue(advice.cost() > most - 1.1, () -> advice.cost() + " of " + most);
    assertEquals(advice.runs().size(), mixtures.trained.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"5x", "20%"})
  void theLearningRateIsFoundWithinTheBudget(String budget) throws Exception {
    PlantedMixtures mixtures = PlantedMixtures.ofLaw(0.01, 8);
    Advice advice =
        new Advisor(
                mixtures,
                new AdviceSettings(Budget.parse(budget), 0, null, false, true, 0),
                7,
                line -> {})
            .advise();
    LearningRateScale scale = advice.learningRate().orElseThrow();
    boolean known = advice.forecasts().isMeasured(advice.recommended());
    assertEquals(known ? List.of(0.5, 2.0, 4.0) : List.of(0.5, 2.0), mixtures.rates);
    assertEquals(!known, scale.isOpen(), "2.6 lies beyond 2");
    assertEquals(known ? PlantedMixtures.BEST_RATE : 2, scale.factor(), 1e-9, "a parabola");
    double off = Math.log(PlantedMixtures.BEST_RATE / scale.factor());
    double offNow = Math.log(PlantedMixtures.BEST_RATE);
    assertEquals((offNow * offNow - off * off) / 10, scale.gain(), 1e-9);
    double most = Budget.parse(budget).runs(47, 80e3, 0, 0);
    assertTrue(advice.cost() <= most + 1e-9, () -> advice.cost() + " of " + most);
    assertEquals(mixtures.trained.size() + mixtures.rates.size(), advice.trained());
    String factor = known ? "2.6" : "2.0";
    List<String> said = new AdviceReport(advice, null, null).sentences();
    assertTrue(
        said.stream().anyMatch(line -> line.startsWith("learning rate: " + factor + " times")),
        said::toString);
  }

  @Test
  void aSourceThatIsNotThereIsRefused() {
    PlantedMixtures mixtures = PlantedMixtures.ofLaw(0, 6);
    Objective wrong = new Objective(Map.of("math", 1.0), Map.of("maths", 0.9));
    ConfigException e =
        assertThrows(ConfigException.class, () -> advisor(mixtures, "20%", wrong).advise());
    assertTrue(
        e.getMessage().contains("there is no source \"maths\", only code, math, general"),
        e.getMessage());
    assertEquals(List.of(), mixtures.trained);
  }
}
