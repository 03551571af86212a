package ai.dmt.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hipparchus.analysis.differentiation.Gradient;
import org.junit.jupiter.api.Test;

/** The law of what a mixture loses of the base model, planted and found again. */
class ForgettingLawTest {
  private final MixtureSpace space = PlantedMixtures.threeSources();
  private final ForgettingLaw law = new ForgettingLaw(space, "base", 2.5);

  private double[] some(long seed) {
    double[] values = law.prior();
    Random drawn = new Random(seed);
    for (int p = 0; p < values.length; p++) {
      values[p] += law.spread()[p] * drawn.nextGaussian();
    }
    return values;
  }

  @Test
  void derivativesAreThoseOfTheLaw() {
    double step = 1e-6;
    for (MixturePlan plan : space.candidates()) {
      double[] values = some(5);
      Gradient gradient = law.logLoss(values, plan);
      for (int p = 0; p < values.length; p++) {
        double[] more = values.clone();
        more[p] += step;
        double[] less = values.clone();
        less[p] -= step;
        double slope =
            (law.logLoss(more, plan).getValue() - law.logLoss(less, plan).getValue()) / (2 * step);
        assertEquals(slope, gradient.getPartialDerivative(p), 1e-7, plan::text);
      }
    }
  }

  @Test
  void nothingThatIsTrainedLowersTheLoss() {
    for (int seed = 0; seed < 20; seed++) {
      for (MixturePlan plan : space.candidates()) {
        double loss = law.logLoss(some(seed), plan).getValue();
        assertTrue(loss > Math.log(2.5), plan::text);
        double ofHalf = law.logLoss(some(seed), plan.scaled(0.5)).getValue();
        assertTrue(loss > ofHalf, () -> "more training, more loss: " + plan.text());
      }
    }
  }

  /** Of twelve runs with noise, as advice has them. */
  @Test
  void aPlantedLawPredictsMixturesThatWereNotRun() {
    List<Double> regrets = new ArrayList<>();
    for (int seed = 0; seed < 10; seed++) {
      double[] planted = some(seed);
      Random noise = new Random(seed + 100);
      List<MixturePlan> plans = SmallRuns.of(space, 9, seed);
      List<MeasuredRun> runs =
          plans.stream().map(plan -> run(plan, planted, 0.01 * noise.nextGaussian())).toList();
      LossModel model = LossModel.of(law, runs);
      Backtest test = Backtest.of(model, runs);
      double off = 0;
      double apart = 0;
      double middle =
          space.candidates().stream()
              .mapToDouble(plan -> law.logLoss(planted, plan).getValue())
              .average()
              .orElseThrow();
      for (MixturePlan plan : space.candidates()) {
        double truth = law.logLoss(planted, plan).getValue();
        off += Math.pow(model.forecast(plan).mean() - truth, 2);
        apart += Math.pow(truth - middle, 2);
      }
      regrets.add(off / apart);
      assertTrue(test.holds(), () -> "explained " + test.explained());
    }
    double left = regrets.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    assertTrue(left < 0.2, () -> "not explained: " + regrets);
  }

  private MeasuredRun run(MixturePlan plan, double[] planted, double noise) {
    double loss = Math.exp(law.logLoss(planted, plan).getValue() + noise);
    return new MeasuredRun(plan, Map.of("base", loss), List.of());
  }
}
