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
   * @param space of the candidates; its mixture of all rows as they are is run in any case
   * @param budget whole runs that may be spent in all
   * @param seed of the choice among small runs
   */
  static List<MixturePlan> of(MixtureSpace space, double budget, long seed) {
    List<MixturePlan> chosen = new ArrayList<>();
    Random random = new Random(seed);
    double left = budget - 1; // for a whole run
    for (double[] size : SIZES) {
      int asked = Math.max(LEAST, (int) Math.round(budget * size[1] / size[0]));
      int number = (int) Math.min(asked, Math.floor(left / size[0]));
      boolean whole = size[0] == 1;
      number += whole ? 1 : 0;
      left -= number * size[0];
      List<MixturePlan> pool = new ArrayList<>();
      for (MixturePlan candidate : space.candidates()) {
        MixturePlan sized = candidate.scaled(size[0]);
        if (whole || random.nextInt(SUBSET) == 0 && space.fits(sized)) {
          pool.add(sized);
        }
      }
      List<MixturePlan> own = new ArrayList<>();
      if (whole) {
        own.add(space.proportional());
      }
      spread(own, pool, space::place, number);
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
