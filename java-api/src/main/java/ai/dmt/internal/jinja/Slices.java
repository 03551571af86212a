package ai.dmt.internal.jinja;

import java.util.ArrayList;
import java.util.List;

/** Parts of sequences, by Python's rules of start, stop and step. */
final class Slices {
  private Slices() {}

  /** Bounds within a length, as {@code slice.indices} gives them. */
  private record Bounds(int start, int stop, int step) {
    static Bounds of(long length, Object start, Object stop, Object step) {
      long by = step == null ? 1 : index(step);
      if (by == 0) {
        throw JinjaException.value("slice step cannot be zero");
      }
      long low = by < 0 ? -1 : 0;
      long high = by < 0 ? length - 1 : length;
      long from = start == null ? (by < 0 ? high : low) : within(index(start), length, low, high);
      long to = stop == null ? (by < 0 ? low : high) : within(index(stop), length, low, high);
      long step32 = Math.max(Integer.MIN_VALUE + 1, Math.min(Integer.MAX_VALUE, by));
      return new Bounds((int) from, (int) to, (int) step32);
    }

    private static long index(Object value) {
      if (!Numbers.isInteger(value)) {
        throw JinjaException.type("slice indices must be integers or None");
      }
      return Numbers.longIndex(value);
    }

    private static long within(long index, long length, long low, long high) {
      long at = index < 0 ? index + length : index;
      return Math.max(low, Math.min(high, at));
    }

    boolean has(long i) {
      return step > 0 ? i < stop : i > stop;
    }

    int count() {
      long span = step > 0 ? (long) stop - start : (long) start - stop;
      long by = Math.abs((long) step);
      return (int) Math.max(0, (span + by - 1) / by);
    }
  }

  static Object slice(Run run, Object value, Object start, Object stop, Object step) {
    if (value instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (value instanceof String text) {
      return text(run, text, start, stop, step);
    }
    if (value instanceof List<?> list) {
      return items(run, list, Bounds.of(list.size(), start, stop, step));
    }
    if (value instanceof Tuple tuple) {
      Bounds bounds = Bounds.of(tuple.items().size(), start, stop, step);
      return new Tuple(items(run, tuple.items(), bounds));
    }
    if (value instanceof Range range) {
      Bounds bounds = Bounds.of(range.size(), start, stop, step);
      return range.slice(bounds.start(), bounds.stop(), bounds.step());
    }
    if (value instanceof Markup) {
      throw Markup.refusal();
    }
    throw JinjaException.type("'%s' object cannot be sliced", Values.typeName(value));
  }

  private static List<Object> items(Run run, List<?> list, Bounds bounds) {
    run.elements(bounds.count());
    List<Object> part = new ArrayList<>(bounds.count());
    for (long i = bounds.start(); bounds.has(i); i += bounds.step()) {
      part.add(list.get((int) i));
    }
    return part;
  }

  static String text(Run run, String text, Object start, Object stop, Object step) {
    int length = text.codePointCount(0, text.length());
    run.step(text.length() / 32 + 1L);
    Bounds bounds = Bounds.of(length, start, stop, step);
    run.room(bounds.count());
    if (bounds.count() == 0) {
      return "";
    }
    if (bounds.step() == 1) {
      int from = offset(text, length, bounds.start());
      return text.substring(from, offset(text, length, bounds.stop()));
    }
    int[] points = text.codePoints().toArray();
    StringBuilder part = new StringBuilder();
    for (long i = bounds.start(); bounds.has(i); i += bounds.step()) {
      part.appendCodePoint(points[(int) i]);
    }
    return part.toString();
  }

  /** Where a character begins, counted in code points. */
  private static int offset(String text, int length, int index) {
    return length == text.length() ? index : text.offsetByCodePoints(0, index);
  }
}
