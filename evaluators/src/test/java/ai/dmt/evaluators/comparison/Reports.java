package ai.dmt.evaluators.comparison;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.statistics.Intervals;
import ai.dmt.evaluators.statistics.PassAtK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Small reports. */
public final class Reports {
  private Reports() {}

  /** One verdict a problem. @param verdicts "1" for solved, by problem from 0 */
  public static ScoreReport verdicts(String benchmark, String mode, String verdicts) {
    List<ItemVerdict> items = new ArrayList<>();
    for (int i = 0; i < verdicts.length(); i++) {
      String verdict = verdicts.charAt(i) == '1' ? "correct" : "wrong";
      items.add(new ItemVerdict("" + i, mode, null, verdict, null));
    }
    long solved = items.stream().filter(ItemVerdict::solved).count();
    long total = verdicts.length();
    Interval interval = Intervals.wilson(solved, total);
    double share = (double) solved / total;
    Score score = new Score("accuracy", mode, solved, total, share, interval);
    return new ScoreReport(benchmark, "1", "f" + total, List.of(score), items);
  }

  /** Several verdicts a problem: pass@k. @param problems a text of "1" and "0" each */
  static ScoreReport samples(int k, String... problems) {
    List<ItemVerdict> items = new ArrayList<>();
    double[] estimates = new double[problems.length];
    for (int i = 0; i < problems.length; i++) {
      int solved = 0;
      for (int s = 0; s < problems[i].length(); s++) {
        boolean right = problems[i].charAt(s) == '1';
        solved += right ? 1 : 0;
        items.add(new ItemVerdict("p" + i, null, s, right ? "passed" : "failed: x", null));
      }
      estimates[i] = PassAtK.estimate(problems[i].length(), solved, k);
    }
    double mean = Arrays.stream(estimates).average().orElseThrow();
    Interval interval = Intervals.bootstrapMean(estimates, 1);
    Score score = new Score("pass@" + k, null, null, (long) problems.length, mean, interval);
    return new ScoreReport("humaneval", "1", List.of(score), items);
  }

  /** Losses of samples of one source. @param losses and label tokens in turn */
  public static ScoreReport losses(String source, double... losses) {
    List<ItemVerdict> items = new ArrayList<>();
    double sum = 0;
    double tokens = 0;
    for (int i = 0; i < losses.length; i += 2) {
      String id = source + ":" + i / 2;
      items.add(new ItemVerdict(id, null, null, "measured", losses[i], source, losses[i + 1]));
      sum += losses[i] * losses[i + 1];
      tokens += losses[i + 1];
    }
    double mean = sum / tokens;
    Score score =
        new Score(source, null, null, (long) items.size(), mean, new Interval(mean, mean));
    return new ScoreReport("held-out loss", "1", List.of(score), items);
  }
}
