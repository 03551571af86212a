package ai.dmt.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.Score;
import ai.dmt.study.AbilityScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoreLawTest {
  private static final MixtureSpace SPACE = PlantedMixtures.threeSources();

  /** Runs of losses from 0.4 to 2 whose log-odds are -1 - 3 log(loss), and noise. */
  private static List<MeasuredRun> runs(int number, double noise, Random drawn) {
    List<MeasuredRun> runs = new ArrayList<>();
    for (int run = 0; run < number; run++) {
      double loss = Math.exp(Math.log(0.4) + drawn.nextDouble() * Math.log(5));
      double logit = -1 - 3 * Math.log(loss) + noise * drawn.nextGaussian();
      runs.add(new MeasuredRun(SPACE.proportional(), Map.of("math", loss), scores(logit)));
    }
    return runs;
  }

  private static List<AbilityScore> scores(double logit) {
    double share = 1 / (1 + Math.exp(-logit));
    return List.of(
        AbilityScore.of(
            "math", "gsm8k", new Score("accuracy", null, null, 100_000L, share, null), false),
        AbilityScore.of(
            "math", "mtbench", new Score("average", null, null, null, 1 + 9 * share, null), false));
  }

  private static ScoreLaw law(List<MeasuredRun> runs, String title) {
    return Present.in(ScoreLaw.of(runs), title);
  }

  @Test
  void aScoreThatFollowsTheLossIsPredictedInItsUnit() {
    List<MeasuredRun> runs = runs(12, 0.01, new Random(1));
    ScoreLaw shares = law(runs, "math: gsm8k accuracy (%)");
    assertTrue(shares.holds(), () -> "explained " + shares.explained());
    assertEquals("math", shares.source());
    double truth = 1 / (1 + Math.exp(1 + 3 * Math.log(0.8)));
    ScoreLaw.Forecast share = shares.forecast(LossForecast.ofLogarithms(Math.log(0.8), 0));
    assertEquals(truth, share.estimate(), 0.01);
    ScoreLaw.Forecast points =
        law(runs, "math: mtbench average (1 to 10)")
            .forecast(LossForecast.ofLogarithms(Math.log(0.8), 0));
    assertEquals(1 + 9 * truth, points.estimate(), 0.09);
  }

  @Test
  void nineOfTenScoresLieInTheirIntervals() {
    Random drawn = new Random(2);
    int held = 0;
    int wide = 0;
    int worlds = 400;
    for (int world = 0; world < worlds; world++) {
      ScoreLaw law = law(runs(10, 0.3, drawn), "math: gsm8k accuracy (%)");
      MeasuredRun next = runs(1, 0.3, drawn).get(0);
      double score = next.scores().get(0).value();
      double logLoss = next.logLoss("math");
      ScoreLaw.Forecast known = law.forecast(LossForecast.ofLogarithms(logLoss, 0));
      held += score >= known.low() && score <= known.high() ? 1 : 0;
      ScoreLaw.Forecast guessed = law.forecast(LossForecast.ofLogarithms(logLoss, 0.5));
      wide += guessed.high() - guessed.low() > known.high() - known.low() ? 1 : 0;
    }
    double share = (double) held / worlds;
    assertTrue(share > 0.85 && share < 0.96, () -> "in their intervals: " + share);
    assertEquals(worlds, wide, "a loss that is predicted leaves more open than one that is known");
  }

  /** Of a hundred problems, a model that solves one in a hundred may well solve none. */
  @Test
  void fewProblemsLeaveAScoreOpen() {
    List<MeasuredRun> runs = new ArrayList<>();
    for (MeasuredRun run : runs(12, 0.01, new Random(4))) {
      double share = run.scores().get(0).value();
      Score score = new Score("accuracy", null, null, 100L, share, null);
      runs.add(
          new MeasuredRun(
              run.plan(), run.heldOut(), List.of(AbilityScore.of("math", "gsm8k", score, false))));
    }
    ScoreLaw law = law(runs, "math: gsm8k accuracy (%)");
    ScoreLaw.Forecast low = law.forecast(LossForecast.ofLogarithms(Math.log(3), 0));
    assertTrue(low.estimate() > 0 && low.estimate() < 0.03, low::toString);
    assertEquals(0, low.low());
    ScoreLaw.Forecast middle = law.forecast(LossForecast.ofLogarithms(Math.log(0.7), 0));
    assertTrue(middle.high() - middle.low() > 0.1, middle::toString);
  }

  @Test
  void aScoreThatTheLossDoesNotExplainIsNotPredicted() {
    Random drawn = new Random(3);
    List<MeasuredRun> runs = new ArrayList<>();
    for (MeasuredRun run : runs(12, 0, drawn)) {
      runs.add(new MeasuredRun(run.plan(), run.heldOut(), scores(drawn.nextGaussian())));
    }
    assertFalse(law(runs, "math: gsm8k accuracy (%)").holds());
    assertFalse(law(runs(5, 0.01, drawn), "math: gsm8k accuracy (%)").holds(), "five runs");
    List<MeasuredRun> alike = new ArrayList<>();
    for (MeasuredRun run : runs(8, 0, drawn)) {
      alike.add(new MeasuredRun(run.plan(), run.heldOut(), scores(0)));
    }
    assertFalse(law(alike, "math: gsm8k accuracy (%)").holds(), "there is nothing to explain");
  }

  @Test
  void runsThatWereNotScoredHaveNoLaws() {
    MeasuredRun run = new MeasuredRun(SPACE.proportional(), Map.of("math", 1.0), List.of());
    assertEquals(Map.of(), ScoreLaw.of(List.of(run, run)));
  }
}
