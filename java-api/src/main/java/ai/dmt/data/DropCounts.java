package ai.dmt.data;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How often each {@link DropReason} occurred. */
public final class DropCounts {
  private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);

  /** Counts nothing yet. */
  public DropCounts() {}

  /** A copy, which counts on for itself. */
  public DropCounts(DropCounts other) {
    counts.putAll(other.counts);
  }

  /** Counts some more. */
  public void add(DropReason reason, long count) {
    counts.merge(reason, count, Long::sum);
  }

  /** Counts all of another. */
  public void add(DropCounts other) {
    other.counts.forEach(this::add);
  }

  /** How often; 0 if never. */
  public long of(DropReason reason) {
    return counts.getOrDefault(reason, 0L);
  }

  /** Those that occurred, in the order of {@link DropReason}. */
  public Map<DropReason, Long> asMap() {
    Map<DropReason, Long> occurred = new EnumMap<>(DropReason.class);
    counts.forEach(
        (reason, count) -> {
          if (count > 0) {
            occurred.put(reason, count);
          }
        });
    return occurred;
  }

  /** Whether nothing was dropped. */
  public boolean isEmpty() {
    return counts.values().stream().allMatch(count -> count == 0);
  }

  /**
   * For a report, such as "3 turns before the first question, 1 samples cut at ..."; empty if none.
   */
  @Override
  public String toString() {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .map(entry -> entry.getValue() + " " + entry.getKey().text())
        .collect(Collectors.joining(", "));
  }
}
