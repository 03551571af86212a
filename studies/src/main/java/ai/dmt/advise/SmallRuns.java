package ai.dmt.advise;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * The runs that advice begins with: mixtures of the candidates, whole and of a half, a quarter and
 * an eighth of the tokens, far from each other (maximin distance designs, Johnson, Moore and
 * Ylvisaker 1990). The smaller runs' rows are among those of the larger ones. What is left of the
 * budget is for whole runs that are chosen by what these show.
 */
final class SmallRuns {
  /** Sizes, and what share of the budget each has. */
  private static final double[][] SIZES = {{0.125, 0.05}, {0.25, 0.1}, {0.5, 0.15}, {1, 0.35}};

  private static final int LEAST = 2; // of each size, where the budget has room
  private static final int SUBSET = 3; // one in so many candidates is considered for small runs

  private SmallRuns() {}

  /**
   * Chooses.
   *
   * @param candidates to choose from
   * @param start a mixture that is run in any case
   * @param place of a mixture among others
   * @param budget whole runs that may be spent in all
   * @param seed of the choice among small runs
   */
  static List<MixturePlan> of(
      List<MixturePlan> candidates,
      MixturePlan start,
      Function<MixturePlan, double[]> place,
      double budget,
      long seed) {
    List<MixturePlan> chosen = new ArrayList<>();
    Random random = new Random(seed);
    double left = budget;
    for (double[] size : SIZES) {
      int asked = Math.max(LEAST, (int) Math.round(budget * size[1] / size[0]));
      int number = (int) Math.min(asked, Math.floor(left / size[0]));
      boolean whole = size[0] == 1;
      left -= number * size[0];
      List<MixturePlan> pool = new ArrayList<>();
      for (MixturePlan candidate : candidates) {
        if (whole || random.nextInt(SUBSET) == 0) {
          pool.add(candidate.scaled(size[0]));
        }
      }
      List<MixturePlan> own = new ArrayList<>();
      if (whole && number > 0) {
        own.add(start);
      }
      spread(own, pool, place, number);
      chosen.addAll(own);
    }
    return chosen;
  }

  /** Adds what is farthest from all that is there. */
  private static void spread(
      List<MixturePlan> own,
      List<MixturePlan> pool,
      Function<MixturePlan, double[]> place,
      int number) {
    pool.removeAll(own);
    while (own.size() < number && !pool.isEmpty()) {
      MixturePlan next =
          pool.stream()
              .max(Comparator.comparingDouble(each -> distance(each, own, place)))
              .orElseThrow();
      own.add(next);
      pool.remove(next);
    }
  }

  private static double distance(
      MixturePlan plan, List<MixturePlan> others, Function<MixturePlan, double[]> place) {
    double[] here = place.apply(plan);
    double least = Double.MAX_VALUE;
    for (MixturePlan other : others) {
      double[] there = place.apply(other);
      double sum = 0;
      for (int d = 0; d < here.length; d++) {
        sum += (here[d] - there[d]) * (here[d] - there[d]);
      }
      least = Math.min(least, sum);
    }
    return least;
  }
}
