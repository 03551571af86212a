package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.engine.EngineException;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.engine.WorkSeconds;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlowRanksTest {
  private final SlowRanks ranks = new SlowRanks(new Rank(0, 4), rank -> "rank " + rank + " on h");

  /** Steps that are all alike. @return what was told of them */
  private List<RankSpeed> steps(int count, double[] seconds, double... tokens) {
    List<RankSpeed> told = new ArrayList<>();
    for (int step = 0; step < count; step++) {
      ranks.update(seconds, tokens);
      told.addAll(ranks.takeChanges());
    }
    return told;
  }

  private List<RankSpeed> steps(int count, double... seconds) {
    double[] tokens = new double[seconds.length];
    Arrays.fill(tokens, 100);
    return steps(count, seconds, tokens);
  }

  @Test
  void aSlowRankIsToldOnceAndWhenItIsAsFastAgain() {
    assertEquals(List.of(), steps(2, 1.0, 1.1, 3.0, 0.9), "three steps make a verdict");
    assertEquals(
        List.of(new RankSpeed(2, "rank 2 on h", 3.0, 1.0, true)), steps(10, 1.0, 1.1, 3.0, 0.9));
    assertEquals(List.of(), steps(10, 1.0, 1.1, 2.5, 0.9), "slow, as is known");
    assertEquals(List.of(), steps(10, 1.0, 1.1, 3.8, 0.9));
    assertEquals(
        List.of(new RankSpeed(2, "rank 2 on h", 1.05, 1.0, false)), steps(10, 1.0, 1.1, 1.05, 0.9));
    assertEquals(List.of(), steps(10, 1.0, 1.1, 1.2, 0.9), "within what ranks differ by");
  }

  @Test
  void aRankThatHasBecomeFarSlowerIsToldAgain() {
    steps(3, 1, 1, 2, 1);
    assertEquals(List.of(new RankSpeed(2, "rank 2 on h", 9, 1, true)), steps(10, 1, 1, 9, 1));
    assertEquals(List.of(new RankSpeed(2, "rank 2 on h", 1.5, 1, true)), steps(10, 1, 1, 1.5, 1));
  }

  @Test
  void aSingleHiccupIsNone() {
    steps(3, 1, 1, 1, 1);
    assertEquals(List.of(), steps(1, 1, 50, 1, 1));
    assertEquals(List.of(), steps(3, 1, 1, 1, 1));
  }

  @Test
  void aRankThatHasMoreToDoIsNotSlow() {
    assertEquals(List.of(), steps(9, new double[] {1, 1, 2, 1}, 100, 100, 210, 100));
    // Few tokens, each of which takes longer, as what is the same for every step does.
    assertEquals(List.of(), steps(9, new double[] {1, 1, 0.5, 1}, 100, 100, 20, 100));
    assertEquals(
        List.of(new RankSpeed(2, "rank 2 on h", 3, 1, true)),
        steps(9, new double[] {1, 1, 3, 1}, 100, 100, 110, 100));
  }

  @Test
  void aStepInWhichARankHadNothingToDoIsLeftOut() {
    assertEquals(List.of(), steps(9, new double[] {1, 1, 3, 0.01}, 100, 100, 100, 0));
  }

  @Test
  void twoRanksAreComparedWithEachOther() {
    SlowRanks two = new SlowRanks(new Rank(1, 2), rank -> "r" + rank);
    for (int step = 0; step < 5; step++) {
      two.update(new double[] {0.06, 0.02}, new double[] {50, 50});
    }
    List<RankSpeed> told = two.takeChanges();
    assertEquals(List.of(new RankSpeed(0, "r0", 0.06, 0.02, true)), told);
    assertEquals(
        "r0 is slow: it works 60.0 ms for a step, the median of the others is 20.0 ms; they wait for"
            + " it",
        told.get(0).text());
    assertEquals(
        "r0 is as fast as the others again: it works 1021 ms for a step, the median of the others is"
            + " 1000 ms",
        new RankSpeed(0, "r0", 1.021, 1, false).text());
  }

  /** An engine of which only the clock is asked. */
  private static TrainingEngine engine(List<String> calls) {
    return (TrainingEngine)
        Proxy.newProxyInstance(
            SlowRanksTest.class.getClassLoader(),
            new Class<?>[] {TrainingEngine.class},
            (proxy, method, arguments) -> {
              calls.add(method.getName());
              return method.getName().equals("stopClock")
                  ? new WorkSeconds(1, 1, 1, 0, 1, 5, 10)
                  : null;
            });
  }

  @Test
  void oneStepOfTenIsTakenApartAndSharedWithTheVotesOfItsEnd() {
    SlowRanks own = new SlowRanks(new Rank(1, 3), rank -> "");
    List<String> calls = new ArrayList<>();
    for (int number = 1; number <= 20; number++) {
      own.measure(
          number,
          engine(calls),
          () -> {
            own.computes(40);
            own.computes(2);
            return null;
          });
      double[] votes = own.with(7, 8);
      double[] expected =
          number % 10 == 0 ? new double[] {7, 8, 0, 0, 5, 42, 0, 0} : new double[] {7, 8};
      assertArrayEquals(expected, votes, "step " + number);
      own.shared(votes, 2);
    }
    assertEquals(List.of("startClock", "stopClock", "startClock", "stopClock"), calls);
  }

  @Test
  void aStepThatFailsStopsTheClock() {
    List<String> calls = new ArrayList<>();
    SlowRanks own = new SlowRanks(new Rank(1, 3), rank -> "");
    assertThrows(
        EngineException.class,
        () ->
            own.measure(
                10,
                engine(calls),
                () -> {
                  throw new EngineException("the loss is not finite");
                }));
    assertEquals(List.of("startClock", "stopClock"), calls);
    assertArrayEquals(new double[] {1}, own.with(1));
  }

  @Test
  void oneRankIsNotWatched() {
    List<String> calls = new ArrayList<>();
    SlowRanks alone = new SlowRanks(Rank.ONLY, rank -> "");
    alone.measure(10, engine(calls), () -> null);
    assertArrayEquals(new double[] {1}, alone.with(1));
    assertEquals(List.of(), calls);
  }
}
