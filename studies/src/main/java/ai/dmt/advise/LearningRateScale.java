package ai.dmt.advise;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * How the advised mixture does at other learning rates than the recipe's. The best lies at the
 * vertex of a parabola, over the logarithm of the rate, through the best one that was tried and its
 * neighbours; where one of these keeps too little, it is the best one itself.
 *
 * @param tried in the order of their factors; the recipe's own rate, 1, is among them, and kept
 */
public record LearningRateScale(List<Tried> tried) {
  /** Runs beside the recipe's own: one on each side, and one beyond the better of them. */
  static final int RUNS = 3;

  private static final double STEP = 2; // between neighbours

  /**
   * Sorts.
   *
   * @param tried in any order; the recipe's own rate, 1, is among them
   */
  public LearningRateScale {
    List<Tried> sorted = new ArrayList<>(tried);
    sorted.sort(Comparator.comparingDouble(Tried::factor));
    tried = List.copyOf(sorted);
  }

  /**
   * A run with another learning rate.
   *
   * @param factor of the recipe's rate
   * @param value of the objective, a mean of logarithms of losses; the lower, the better
   * @param kept whether it keeps what is to be kept; one that does not is not advised
   * @param run what it gave
   */
  public record Tried(double factor, double value, boolean kept, MeasuredRun run) {}

  /** {@return what the recipe's learning rate is to be multiplied by} */
  public double factor() {
    return tried.get(best()).factor() * Math.pow(STEP, shift());
  }

  /**
   * {@return by how much lower than at the recipe's own rate the objective is estimated to be: a
   * difference of logarithms of losses, at least 0}
   */
  public double gain() {
    double shift = shift();
    double deeper = shift == 0 ? 0 : curvature() / 2 * shift * shift;
    return own() - (tried.get(best()).value() - deeper);
  }

  /**
   * {@return whether the best that was tried is the outermost, so that one beyond may be better}
   */
  public boolean isOpen() {
    return best() == 0 || best() == tried.size() - 1;
  }

  /** The factor that would tell most, where it is open. */
  double next() {
    return best() == 0 ? tried.get(0).factor() / STEP : tried.get(best()).factor() * STEP;
  }

  private int best() {
    List<Tried> kept = tried.stream().filter(Tried::kept).toList();
    return tried.indexOf(Collections.min(kept, Comparator.comparingDouble(Tried::value)));
  }

  private double own() {
    return tried.stream().filter(run -> run.factor() == 1).findFirst().orElseThrow().value();
  }

  /** Of the vertex from the best that was tried, in steps; within half of one. */
  private double shift() {
    int best = best();
    boolean between = !isOpen() && tried.get(best - 1).kept() && tried.get(best + 1).kept();
    double curvature = between ? curvature() : 0;
    if (!(curvature > 0) || Double.isInfinite(curvature)) { // flat, or a neighbour diverged
      return 0;
    }
    return (tried.get(best - 1).value() - tried.get(best + 1).value()) / (2 * curvature);
  }

  private double curvature() {
    int best = best();
    return tried.get(best - 1).value() - 2 * tried.get(best).value() + tried.get(best + 1).value();
  }
}
