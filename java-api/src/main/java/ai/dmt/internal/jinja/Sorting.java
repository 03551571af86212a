package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Python's stable sort, by keys that are found once; it uses "less than" alone. */
final class Sorting {
  private Sorting() {}

  private record Keyed<T>(Object key, T value) {}

  static <T> void sort(Run run, List<T> items, Function<T, Object> key, boolean descending) {
    List<Keyed<T>> keyed = new ArrayList<>(items.size());
    for (T item : items) {
      keyed.add(new Keyed<>(key.apply(item), item));
    }
    List<Keyed<T>> sorted = merged(run, keyed, descending);
    for (int i = 0; i < items.size(); i++) {
      items.set(i, sorted.get(i).value());
    }
  }

  /** A plain merge sort, which cannot be led astray by an order that is none. */
  private static <T> List<Keyed<T>> merged(Run run, List<Keyed<T>> items, boolean descending) {
    if (items.size() < 2) {
      return items;
    }
    int middle = items.size() / 2;
    List<Keyed<T>> left = merged(run, items.subList(0, middle), descending);
    List<Keyed<T>> right = merged(run, items.subList(middle, items.size()), descending);
    List<Keyed<T>> all = new ArrayList<>(items.size());
    int l = 0;
    int r = 0;
    while (l < left.size() && r < right.size()) {
      Object a = left.get(l).key();
      Object b = right.get(r).key();
      boolean rightFirst = descending ? Comparison.isLess(run, a, b) : Comparison.isLess(run, b, a);
      all.add(rightFirst ? right.get(r++) : left.get(l++));
    }
    all.addAll(left.subList(l, left.size()));
    all.addAll(right.subList(r, right.size()));
    return all;
  }
}
