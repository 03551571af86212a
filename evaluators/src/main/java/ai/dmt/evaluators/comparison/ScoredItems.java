package ai.dmt.evaluators.comparison;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.mtbench.MtBenchScorer;
import ai.dmt.evaluators.statistics.Intervals;
import ai.dmt.evaluators.statistics.PassAtK;
import ai.dmt.evaluators.statistics.PooledMean;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The items that a score is computed from, by problem.
 *
 * @param points whether the items carry points; else their verdicts count
 * @param k of pass@k where the items' verdicts count; 1 is the share solved
 * @param byProblem at least one, in the order of the report
 */
record ScoredItems(boolean points, int k, Map<String, List<ItemVerdict>> byProblem) {
  private static final Pattern PASS_AT = Pattern.compile("pass@([1-9][0-9]{0,5})");
  private static final double ROUNDING = 1e-9;

  /** What two models are paired by: the problem, and where it has several points, which of them. */
  record Key(String id, int sample) {}

  /**
   * The items of a score, such that it can be computed from them. Empty for a score that cannot: a
   * spread, a vote, a number over all outputs together.
   */
  static Optional<ScoredItems> of(ScoreReport report, Score score) {
    if (score.interval() == null) {
      return Optional.empty();
    }
    List<ItemVerdict> items =
        report.items().stream().filter(item -> Objects.equals(item.mode(), score.mode())).toList();
    Map<String, List<ItemVerdict>> byProblem = new LinkedHashMap<>();
    for (ItemVerdict item : covered(report, score, items)) {
      byProblem.computeIfAbsent(item.id(), id -> new ArrayList<>()).add(item);
    }
    boolean points = items.stream().anyMatch(item -> item.score() != null);
    Matcher passAt = PASS_AT.matcher(score.name());
    int k = passAt.matches() && !points ? Integer.parseInt(passAt.group(1)) : 1;
    if (byProblem.values().stream().anyMatch(samples -> samples.size() < k)) {
      return Optional.empty();
    }
    ScoredItems scored = new ScoredItems(points, k, byProblem);
    boolean vote = !points && score.correct() != null && !scored.oneEach();
    return vote || !scored.gives(score.score()) ? Optional.empty() : Optional.of(scored);
  }

  private static List<ItemVerdict> covered(
      ScoreReport report, Score score, List<ItemVerdict> items) {
    List<ItemVerdict> ofGroup =
        items.stream().filter(item -> score.name().equals(item.group())).toList();
    if (!ofGroup.isEmpty() || !report.benchmark().equals(MtBenchScorer.NAME)) {
      return ofGroup.isEmpty() ? items : ofGroup;
    }
    IntPredicate wanted = MtBenchScorer.samplesOf(score.name());
    return items.stream().filter(item -> wanted.test(sample(item))).toList();
  }

  private static int sample(ItemVerdict item) {
    return item.sample() == null ? 0 : item.sample();
  }

  private boolean gives(double score) {
    List<String> counted = byProblem.keySet().stream().filter(this::counts).toList();
    return !counted.isEmpty()
        && Math.abs(mean(counted).value() - score) <= ROUNDING * Math.max(1, Math.abs(score));
  }

  /** Whether each problem has one verdict, so that it is solved or not. */
  boolean oneEach() {
    return byProblem.values().stream().allMatch(items -> items.size() == 1);
  }

  /** The most items that a problem has. */
  int samples() {
    return byProblem.values().stream().mapToInt(List::size).max().orElse(0);
  }

  Set<Key> keys() {
    Set<Key> keys = new LinkedHashSet<>();
    byProblem.forEach(
        (id, items) -> items.forEach(item -> keys.add(new Key(id, points ? sample(item) : 0))));
    return keys;
  }

  /** Those with some keys. */
  ScoredItems only(Set<Key> keys) {
    Map<String, List<ItemVerdict>> some = new LinkedHashMap<>();
    byProblem.forEach(
        (id, items) -> {
          List<ItemVerdict> kept =
              items.stream()
                  .filter(item -> keys.contains(new Key(id, points ? sample(item) : 0)))
                  .toList();
          if (!kept.isEmpty()) {
            some.put(id, kept);
          }
        });
    return new ScoredItems(points, k, some);
  }

  /** Whether a problem has anything to be averaged: false if all its points are missing. */
  boolean counts(String id) {
    return weight(id) > 0;
  }

  /** Whether items state weights, so that those of two models must agree. */
  boolean weighted() {
    return byProblem.values().stream().flatMap(List::stream).anyMatch(i -> i.weight() != null);
  }

  private List<ItemVerdict> items(String id) {
    return Objects.requireNonNull(byProblem.get(id), id);
  }

  private boolean solved(String id) {
    return items(id).get(0).solved();
  }

  /** Together, of a problem's items that have points; 1 where verdicts count. */
  double weight(String id) {
    if (!points) {
      return 1;
    }
    return items(id).stream()
        .filter(item -> item.score() != null)
        .mapToDouble(ScoredItems::weight)
        .sum();
  }

  private static double weight(ItemVerdict item) {
    return item.weight() == null ? 1 : item.weight();
  }

  private double sum(String id) {
    List<ItemVerdict> items = items(id);
    if (points) {
      return items.stream()
          .filter(item -> item.score() != null)
          .mapToDouble(item -> weight(item) * item.score())
          .sum();
    }
    int right = (int) items.stream().filter(ItemVerdict::solved).count();
    return PassAtK.estimate(items.size(), right, k);
  }

  /** Over problems that all count. */
  PooledMean mean(Collection<String> ids) {
    return new PooledMean(
        ids.stream().mapToDouble(this::sum).toArray(),
        ids.stream().mapToDouble(this::weight).toArray());
  }

  /** 95 % interval of the mean over problems that all count: Wilson's for shares of problems. */
  Interval interval(List<String> ids, long seed) {
    return !points && oneEach()
        ? Intervals.wilson(ids.stream().filter(this::solved).count(), ids.size())
        : mean(ids).interval(seed);
  }
}
