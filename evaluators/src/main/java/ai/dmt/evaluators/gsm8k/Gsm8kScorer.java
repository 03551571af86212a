package ai.dmt.evaluators.gsm8k;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.AnsweredProblems;
import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Fingerprint;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.statistics.Intervals;
import ai.dmt.evaluators.statistics.PassAtK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Scores completions of GSM8K in several modes at once.
 *
 * <p>One completion a problem gives its accuracy. With n of them, pass@k is the unbiased estimate
 * over all n, and maj@k the vote of the first k: completions without an answer do not vote, the
 * most frequent answer, as text, wins, and of equally frequent ones the first.
 *
 * @param modes in the order of the report
 * @param ks of pass@k and maj@k where problems have several completions; empty for 1 and n
 */
public record Gsm8kScorer(List<Gsm8kMode> modes, Set<Integer> ks) {
  /** Name of the benchmark. */
  public static final String NAME = "gsm8k";

  /** Raised whenever a golden verdict changes. */
  public static final String VERSION = "1";

  static final String CORRECT = "correct";
  static final String WRONG = "wrong";
  static final String INVALID = "invalid";

  private static final long SEED = 0;

  /**
   * Demands a mode and positive k.
   *
   * @param modes in the order of the report
   * @param ks of pass@k and maj@k where problems have several completions; empty for 1 and n
   */
  public Gsm8kScorer {
    modes = List.copyOf(modes);
    ks = Set.copyOf(ks);
    if (modes.isEmpty()) {
      throw new ConfigException("no mode was named, expected at least one");
    }
    if (ks.stream().anyMatch(k -> k < 1)) {
      throw new ConfigException("k must be positive, got " + new TreeSet<>(ks));
    }
  }

  /**
   * Scores completions in each mode.
   *
   * @param all problems of the file
   * @param wanted those of them that are scored
   * @param completions in any order; those of problems that are not wanted are passed over
   * @param missing what becomes of wanted problems without a completion
   * @return scores and verdicts, mode after mode
   * @throws ai.dmt.data.DataException if a completion is of no problem, or a problem has not as
   *     many as the others
   */
  public ScoreReport score(
      List<Gsm8kProblem> all,
      List<Gsm8kProblem> wanted,
      List<CompletionRecord> completions,
      Missing missing) {
    Map<String, List<CompletionRecord>> answers =
        AnsweredProblems.of(ids(all), ids(wanted), completions, missing);
    Map<Gsm8kProblem, List<CompletionRecord>> scored = new LinkedHashMap<>();
    for (Gsm8kProblem problem : wanted) {
      List<CompletionRecord> given = answers.get(problem.id());
      if (given != null) {
        scored.put(problem, given);
      }
    }
    int samples = answers.values().iterator().next().size();
    Set<Integer> chosen = chosen(samples);
    List<Score> scores = new ArrayList<>();
    List<ItemVerdict> items = new ArrayList<>();
    for (Gsm8kMode mode : modes) {
      List<ProblemVerdicts> verdicts =
          scored.entrySet().stream()
              .map(each -> ProblemVerdicts.of(mode, each.getKey(), each.getValue()))
              .toList();
      verdicts.forEach(each -> items.addAll(each.items()));
      if (samples == 1) {
        scores.add(share("accuracy", mode, verdicts, 1));
        continue;
      }
      for (int k : chosen) {
        scores.add(passAt(k, mode, verdicts));
      }
      for (int k : chosen) {
        if (k > 1) {
          scores.add(share("maj@" + k, mode, verdicts, k));
        }
      }
    }
    return new ScoreReport(NAME, VERSION, fingerprint(List.copyOf(scored.keySet())), scores, items);
  }

  private Set<Integer> chosen(int samples) {
    Set<Integer> chosen = new TreeSet<>(ks.isEmpty() ? Set.of(1) : ks);
    if (ks.isEmpty()) {
      chosen.add(samples);
    }
    for (int k : chosen) {
      if (k > samples) {
        throw new ConfigException(
            "k is %s, but problems have %s completions each".formatted(k, samples));
      }
    }
    return chosen;
  }

  private static Score passAt(int k, Gsm8kMode mode, List<ProblemVerdicts> verdicts) {
    double[] estimates =
        verdicts.stream()
            .mapToDouble(each -> PassAtK.estimate(each.samples(), each.numRight(), k))
            .toArray();
    double mean = Arrays.stream(estimates).sum() / estimates.length;
    return new Score(
        "pass@" + k,
        mode.text(),
        null,
        (long) estimates.length,
        mean,
        Intervals.bootstrapMean(estimates, SEED));
  }

  private static Score share(String name, Gsm8kMode mode, List<ProblemVerdicts> verdicts, int k) {
    long total = verdicts.size();
    long right = verdicts.stream().filter(each -> each.majorityIsRight(k)).count();
    return new Score(
        name, mode.text(), right, total, (double) right / total, Intervals.wilson(right, total));
  }

  private static List<String> ids(List<Gsm8kProblem> problems) {
    return problems.stream().map(Gsm8kProblem::id).toList();
  }

  private static String fingerprint(List<Gsm8kProblem> problems) {
    Fingerprint fingerprint = new Fingerprint();
    problems.forEach(each -> fingerprint.add(each.id()).add(each.question()).add(each.answer()));
    return fingerprint.text();
  }
}
