package ai.dmt.audit;

import ai.dmt.data.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Finds samples of a source that are equal in something, by its hash. */
public final class Copies {
  /** Pairs that are named; the rest is counted. */
  private static final int NAMED = 100;

  private static final Comparator<Map.Entry<Long, Origin>> IN_ORDER =
      Comparator.comparing((Map.Entry<Long, Origin> each) -> each.getValue().file())
          .thenComparing(each -> each.getValue().line());

  private final Map<Long, Origin> first = new HashMap<>();
  private final List<Pair> pairs = new ArrayList<>();
  private long copies;

  /**
   * What is reported.
   *
   * @param copies samples that are equal to an earlier one
   * @param pairs the first of them
   */
  public record Summary(long copies, List<Pair> pairs) {}

  /**
   * A sample and an earlier one that it is equal to, as file:line.
   *
   * @param copy the later one
   * @param of the earlier one
   */
  public record Pair(String copy, String of) {}

  void add(long hash, Origin origin) {
    Origin earlier = first.putIfAbsent(hash, origin);
    if (earlier != null) {
      copies++;
      name(pairs, origin, earlier);
    }
  }

  Summary summary() {
    return new Summary(copies, List.copyOf(pairs));
  }

  /** What of another source is equal to something of this one; each text counts once. */
  Summary sharedWith(Copies later) {
    List<Pair> shared = new ArrayList<>();
    long[] count = {0};
    later.first.entrySet().stream()
        .filter(each -> first.containsKey(each.getKey()))
        .sorted(IN_ORDER)
        .forEach(
            each -> {
              count[0]++;
              // It is there: the filter has seen it.
              name(shared, each.getValue(), Objects.requireNonNull(first.get(each.getKey())));
            });
    return new Summary(count[0], shared);
  }

  private static void name(List<Pair> pairs, Origin copy, Origin of) {
    if (pairs.size() < NAMED) {
      pairs.add(new Pair(copy.toString(), of.toString()));
    }
  }
}
