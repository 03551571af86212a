package ai.dmt.watch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Finds values of a series that are far above those before them, in a window of {@value #WINDOW}
 * steps of the same stage. A distance in robust deviations and a ratio to the median must be
 * passed: the first alone would cry at a series without noise, the second at a noisy one. And the
 * greatest value of the window must be passed by a ratio: losses of few samples have long tails,
 * whose values come again and again.
 */
final class Outliers {
  static final int WINDOW = 64;
  static final int LEAST = 32; // values before which nothing is known of a series
  private static final int MOST_KEPT = 5;

  private final double deviations;
  private final double ratio;
  private final double ratioToGreatest;
  private final double growth;
  private final Window window = new Window(WINDOW);
  private final Deque<Outlier> found = new ArrayDeque<>();
  private int inARow; // outliers, which the window does not take up before they are the usual
  private double lowest = Double.NaN; // median of a full window of this stage

  /**
   * A stretch of values far above the usual.
   *
   * @param first step of the stretch
   * @param last step of it
   * @param worst value
   * @param usual median before it
   */
  record Outlier(long first, long last, double worst, double usual) {}

  /**
   * Makes a watch of one series.
   *
   * @param deviations above the median
   * @param ratio to the median
   * @param ratioToGreatest of the window
   * @param growth of the median over the lowest median of the stage; infinite where none is looked
   *     for
   */
  Outliers(double deviations, double ratio, double ratioToGreatest, double growth) {
    this.growth = growth;
    this.deviations = deviations;
    this.ratio = ratio;
    this.ratioToGreatest = ratioToGreatest;
  }

  /** Another stage has other data: nothing is known of its values. */
  void restart() {
    window.clear();
    inARow = 0;
    lowest = Double.NaN;
  }

  void add(long step, double value) {
    add(step, value, 1);
  }

  /** Adds a value whose expectation differs from step to step. @param expected of this step */
  void add(long step, double value, double expected) {
    double share = value / expected;
    if (window.size() >= LEAST) {
      double median = window.median();
      if (share > ratio * median
          && share > ratioToGreatest * window.greatest()
          && share > median + deviations * window.deviation(median)) {
        note(step, value, median * expected);
        inARow++;
        if (inARow < LEAST) {
          return;
        }
      } else {
        inARow = 0;
        if (window.size() == WINDOW) {
          noteGrowth(step, value, median, expected);
        }
      }
    }
    window.add(share);
  }

  /** A series that grows slowly takes its window along, but not the lowest of all windows. */
  private void noteGrowth(long step, double value, double median, double expected) {
    if (median > growth * lowest) {
      note(step, value, lowest * expected);
    }
    lowest = Double.isNaN(lowest) ? median : Math.min(lowest, median);
  }

  private void note(long step, double value, double usual) {
    Outlier before = found.peekLast();
    if (before != null && step - before.last() <= WINDOW) {
      found.removeLast();
      found.add(new Outlier(before.first(), step, Math.max(before.worst(), value), before.usual()));
      return;
    }
    found.add(new Outlier(step, step, value, usual));
    if (found.size() > MOST_KEPT) {
      found.remove();
    }
  }

  /** The newest, from the first to the last. */
  List<Outlier> found() {
    return List.copyOf(found);
  }
}
