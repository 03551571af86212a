package ai.dmt.evaluators.comparison;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.comparison.ScoredItems.Key;
import ai.dmt.evaluators.statistics.PooledMean;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The items that two models have of the same problems.
 *
 * @param first of the baseline
 * @param second of the other model
 * @param ids of the problems that count for both, in the baseline's order
 * @param complete whether these are all problems and items of both
 * @param note what a reader should know; null for nothing
 */
record PairedItems(
    ScoredItems first,
    ScoredItems second,
    List<String> ids,
    boolean complete,
    @Nullable String note) {
  private static final int NAMED = 5;

  static PairedItems of(ScorePair pair, ScoredItems allFirst, ScoredItems allSecond) {
    Set<Key> firstKeys = allFirst.keys();
    Set<Key> secondKeys = allSecond.keys();
    Set<Key> shared = new LinkedHashSet<>(firstKeys);
    shared.retainAll(secondKeys);
    List<String> notes = new ArrayList<>();
    boolean same = shared.size() == firstKeys.size() && shared.size() == secondKeys.size();
    if (!same) {
      if (!pair.common() || shared.isEmpty()) {
        throw unequal(pair, firstKeys, secondKeys, shared.size());
      }
      notes.add(
          "over the %s items that both have, of %s and %s"
              .formatted(shared.size(), firstKeys.size(), secondKeys.size()));
    }
    ScoredItems first = allFirst.only(shared);
    ScoredItems second = allSecond.only(shared);
    requireEqualWeights(pair, first, second);
    List<String> ids =
        first.byProblem().keySet().stream()
            .filter(id -> first.counts(id) && second.counts(id))
            .toList();
    if (ids.isEmpty()) {
      throw new ConfigException(
          "%s: no problem has points in both %s and %s"
              .formatted(pair.title(), pair.baseline().model(), pair.other().model()));
    }
    int pointless = first.byProblem().size() - ids.size();
    if (pointless > 0) {
      notes.add("problems left out, as one of both has no points there: %s".formatted(pointless));
    }
    addSamples(first, second, pair.baseline().score().name(), notes);
    return new PairedItems(
        first,
        second,
        ids,
        same && pointless == 0,
        notes.isEmpty() ? null : String.join("; ", notes));
  }

  private static ConfigException unequal(
      ScorePair pair, Set<Key> first, Set<Key> second, int shared) {
    return new ConfigException(
        "%s: %s has %s that %s has not, and lacks %s; %s"
            .formatted(
                pair.title(),
                pair.baseline().model(),
                missing(first, second),
                pair.other().model(),
                missing(second, first),
                shared == 0
                    ? "there is nothing to compare"
                    : "--common compares the %s that both have".formatted(shared)));
  }

  /** Such as "3 items (7, 9, 11)". */
  private static String missing(Set<Key> there, Set<Key> here) {
    List<Key> missing = there.stream().filter(key -> !here.contains(key)).toList();
    String named =
        missing.stream()
            .limit(NAMED)
            .map(key -> key.sample() == 0 ? key.id() : key.id() + " sample " + key.sample())
            .collect(Collectors.joining(", "));
    String more = missing.size() > NAMED ? ", ..." : "";
    return missing.size() + " items" + (missing.isEmpty() ? "" : " (" + named + more + ")");
  }

  /** A loss per token of one tokenizer says nothing beside that of another. */
  private static void requireEqualWeights(ScorePair pair, ScoredItems first, ScoredItems second) {
    boolean weighted = first.weighted() || second.weighted();
    for (String id : first.byProblem().keySet()) {
      double one = first.weight(id);
      double two = second.weight(id);
      if (weighted && one != two) {
        throw new ConfigException(
            "%s: %s has weight %s in %s and %s in %s; losses per token of different tokenizers,"
                    .formatted(
                        pair.title(), id, one, pair.baseline().model(), two, pair.other().model())
                + " templates or lengths cannot be compared");
      }
    }
  }

  private static void addSamples(
      ScoredItems first, ScoredItems second, String score, List<String> notes) {
    if (!first.points() && !(first.oneEach() && second.oneEach())) {
      notes.add(
          "%s and %s samples a problem: paired on each problem's %s"
              .formatted(
                  first.samples(), second.samples(), first.k() == 1 ? "share solved" : score));
    }
  }

  /** Whether each problem has one verdict of either model. */
  boolean verdicts() {
    return !first.points() && !second.points() && first.oneEach() && second.oneEach();
  }

  /** The other model's score minus the baseline's. */
  double difference() {
    return verdicts() // a count, so that 7 of 10 minus 4 of 10 is 0.3 and not 0.29999999999999993
        ? (double) (higher().size() - lower().size()) / ids.size()
        : second.mean(ids).value() - first.mean(ids).value();
  }

  /** Problems where the other model has the higher value. */
  List<String> higher() {
    PooledMean one = first.mean(ids);
    PooledMean two = second.mean(ids);
    return where(i -> two.of(i) > one.of(i));
  }

  /** Problems where the other model has the lower value. */
  List<String> lower() {
    PooledMean one = first.mean(ids);
    PooledMean two = second.mean(ids);
    return where(i -> two.of(i) < one.of(i));
  }

  private List<String> where(IntPredicate condition) {
    return IntStream.range(0, ids.size()).filter(condition).mapToObj(ids::get).toList();
  }
}
