package ai.dmt.data;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How often each {@link DropReason} occurred, and which fields were not read. */
public final class DropCounts {
  private static final int MAX_FIELDS = 50;
  private static final String OTHER_FIELDS = "others";

  private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
  private final Map<String, Long> unreadFields = new TreeMap<>();

  /** Counts nothing yet. */
  public DropCounts() {}

  /**
   * Copies counts; the copy counts on for itself.
   *
   * @param other counts to begin with
   */
  public DropCounts(DropCounts other) {
    counts.putAll(other.counts);
    unreadFields.putAll(other.unreadFields);
  }

  /**
   * Counts some more.
   *
   * @param reason what happened
   * @param count how often, not negative
   */
  public void add(DropReason reason, long count) {
    counts.merge(reason, count, Long::sum);
  }

  /**
   * Counts all of another.
   *
   * @param other counts that stay as they are
   */
  public void add(DropCounts other) {
    other.counts.forEach(this::add);
    other.unreadFields.forEach(this::addUnreadField);
  }

  /**
   * Counts records that have text in a field that is not read. Of more than 50 fields, the rest are
   * counted as "others".
   *
   * @param field its name, shown as it is
   * @param records how many have it
   */
  public void addUnreadField(String field, long records) {
    boolean counted = unreadFields.containsKey(field) || unreadFields.size() < MAX_FIELDS;
    unreadFields.merge(counted ? field : OTHER_FIELDS, records, Long::sum);
  }

  /**
   * {@return records by field that has text and is not read; a view, which changes with the counts}
   */
  public Map<String, Long> unreadFields() {
    return Collections.unmodifiableMap(unreadFields);
  }

  /**
   * {@return how often something happened; 0 if never}
   *
   * @param reason what happened
   */
  public long of(DropReason reason) {
    return counts.getOrDefault(reason, 0L);
  }

  /** {@return the counts of reasons that occurred, in the order of {@link DropReason}; a copy} */
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

  /** {@return whether nothing was dropped} */
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
        .map(entry -> entry.getValue() + " " + entry.getKey().text() + names(entry.getKey()))
        .collect(Collectors.joining(", "));
  }

  private String names(DropReason reason) {
    return reason == DropReason.UNREAD_TEXT && !unreadFields.isEmpty()
        ? " (" + String.join(", ", unreadFields.keySet()) + ")"
        : "";
  }
}
